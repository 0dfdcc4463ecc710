"""Commands of the rating floor."""
