"""Writes about accounts: one verb each, one audit line each."""
