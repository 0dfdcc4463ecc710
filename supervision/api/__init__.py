"""Supervision for machines, under ``/api/v1/supervision/``: plans, tasks, frequencies, visits."""
