"""The demo city: generated producers with three years of records, made through the platform's own services.

Everything is drawn from a seed and says that it is generated (``Producer.is_generated``, a notice on every
page). Modules: ``words`` (names), ``people`` (who there is), ``year`` (what each did in a year),
``officials`` (what authorities found), ``city`` (all of it, in order), ``accounts`` (who may log in).
"""
