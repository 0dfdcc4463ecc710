"""Verification of records (核实): by exception and by a random subset, never by the one who entered them."""
