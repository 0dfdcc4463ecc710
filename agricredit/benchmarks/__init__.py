"""Benchmarks: each makes its own data in a throwaway database and times ours, naive peers and the floor there.

One module a benchmark with `run(options) -> dict`; `python -m agricredit.benchmarks NAME` runs one inside an
installation that `manage.py benchmark` has made for it (`installation.throwaway`).
"""

NAMES = ("rating", "search", "live")
