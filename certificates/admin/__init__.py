"""Back-office pages of the certificates floor."""

from certificates.admin.certificates import CertificateAdmin
from certificates.admin.foreign import ForeignCertificateAdmin

__all__ = ["CertificateAdmin", "ForeignCertificateAdmin"]
