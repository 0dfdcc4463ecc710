"""Producers' own pages (``/my/``) on this floor: for whom one acts, and records."""
