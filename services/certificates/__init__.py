"""The files of TLS: read, checked to fit, and read anew once they were replaced. Knows no wire."""

from certificates.files import CertificateError, Identity, TlsFiles, TlsMaterial
from certificates.renewal import Renewed

__all__ = ["CertificateError", "Identity", "Renewed", "TlsFiles", "TlsMaterial"]
