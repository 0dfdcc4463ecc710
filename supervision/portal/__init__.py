"""Field officers' pages (``/field/``): today's tasks, guidance visits and inspections, for a phone."""
