"""Commitment certificates (承诺达标合格证)."""
