"""Addresses under ``/my/`` of this floor; the roof mounts them in the namespace ``my``."""

from django.urls import path

from rating.portal import answering, objecting, views

urlpatterns = [
    path("remedies/", views.remedies_page, name="remedies"),
    path("remedies/repairs/<int:event>/", views.apply_for_repair, name="repair-apply"),
    path("remedies/objections/<int:year>/", objecting.object_to, name="objection-file"),
    path("remedies/decisions/<int:decision>/", answering.decision_page, name="decision"),
    path("remedies/decisions/<int:decision>/received/", answering.receive, name="decision-received"),
    path("remedies/decisions/<int:decision>/statement/", answering.state, name="decision-statement"),
    path("remedies/decisions/<int:decision>/hearing/", answering.ask_hearing, name="decision-hearing"),
    path("remedies/decisions/<int:decision>/<slug:letter>.pdf", answering.letter, name="decision-letter"),
    path("remedies/files/<int:attachment>/", answering.file, name="remedy-file"),
]
