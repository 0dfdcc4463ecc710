"""Tables of the certificates floor."""

from certificates.models.certificate import PROMISES, Basis, Certificate, Form
from certificates.models.foreign import ForeignCertificate

__all__ = ["PROMISES", "Basis", "Certificate", "ForeignCertificate", "Form"]
