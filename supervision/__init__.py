"""Frequency, plans, tasks, guidance visits and inspections."""
