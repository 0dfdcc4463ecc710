"""Addresses under ``/api/v1/rating/``."""

from django.urls import path

from rating.api import views

urlpatterns = [
    path("schemes/", views.SchemeList.as_view(), name="api-rating-schemes"),
    path("runs/", views.RunList.as_view(), name="api-rating-runs"),
    path("runs/<int:pk>/", views.RunDetail.as_view(), name="api-rating-run"),
    path("runs/<int:pk>/ratings/", views.RatingList.as_view(), name="api-rating-results"),
    path("standings/", views.StandingList.as_view(), name="api-rating-standings"),
    path("producers/<str:key>/years/<int:year>/", views.Explanation.as_view(), name="api-rating-explanation"),
    path("producers/<str:key>/advice/", views.Advice.as_view(), name="api-rating-advice"),
]
