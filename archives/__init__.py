"""Regions, producers, production records and the ledger of credit events."""
