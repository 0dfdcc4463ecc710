"""Tables of the certificates floor."""

from certificates.models.certificate import PROMISES, Basis, Certificate, Form

__all__ = ["PROMISES", "Basis", "Certificate", "Form"]
