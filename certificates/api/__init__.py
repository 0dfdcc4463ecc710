"""Certificates for machines, under ``/api/v1/certificates/``: list, issue, read, void; verify for anyone."""
