"""Read endpoints of the rating floor, under ``/api/v1/rating/``."""
