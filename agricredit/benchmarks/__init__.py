"""Benchmarks: each times ours, naive peers and the floor on data of its own, in a throwaway database.

One module a benchmark with `run(options) -> dict`; `python -m agricredit.benchmarks NAME` runs one inside an
installation that `manage.py benchmark` has made for it (`installation.throwaway`).
"""

NAMES = ("rating", "search", "live", "whatif", "duplicates", "import", "register")
