"""Schemes, the engine, runs, ratings and standings."""
