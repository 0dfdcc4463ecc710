"""Template tags of the archives."""
