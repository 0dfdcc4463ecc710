"""Back-office pages of the certificates floor."""

from certificates.admin.certificates import CertificateAdmin

__all__ = ["CertificateAdmin"]
