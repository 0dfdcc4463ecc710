"""Addresses under ``/field/`` of this floor; supervision mounts them in the namespace ``field``."""

from django.urls import path

from archives.portal import reviews

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/confirm/", reviews.confirm, name="reviews-confirm"),
    path("reviews/undo/", reviews.undo, name="reviews-undo"),
    path("reviews/<int:review_id>/", reviews.review, name="review"),
    path("reviews/<int:review_id>/return/", reviews.send_back, name="review-return"),
    path("reviews/<int:review_id>/reverse/", reviews.reverse, name="review-reverse"),
]
