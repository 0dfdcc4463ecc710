"""Shared tools without models: codes, encryption, paginators, admin bases, file readers."""
