"""Reads certificates, their keys and the authorities that vouch for others, all in PEM."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path


class CertificateError(Exception):
    """A file cannot be used; ``str(error)`` names it, and tells nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate, followed by those that vouch for it, and its key."""

    chain: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What one side of a connection shows, and whom it believes the other side to be."""

    identity: Identity | None
    authorities: bytes | None


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the material is. ``setting`` is what the names of the variables begin with."""

    setting: str
    certificate: Path | None = None
    key: Path | None = None
    """Belongs to ``certificate``, and has no password."""
    authorities: Path | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of the files."""
        named = (self.certificate, self.key, self.authorities)
        return tuple(path for path in named if path is not None)

    def read(self) -> TlsMaterial:
        """Reads all that is named.

        Raises:
            CertificateError: a file cannot be read or holds something else, or two do not fit.
        """
        try:
            identity = authorities = None
            if self.certificate is not None and self.key is not None:
                identity = _read_identity(self.certificate, self.key)
            if self.authorities is not None:
                authorities = _read_authorities(self.authorities)
        except CertificateError as error:
            raise CertificateError(f"{self.setting}_*: {error}") from error
        return TlsMaterial(identity, authorities)


def _read_identity(certificate: Path, key: Path) -> Identity:
    identity = Identity(_read(certificate), _read(key))
    try:
        # An encrypted key would ask the terminal for its password.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise CertificateError(f"{key} is not the key of {certificate}.") from None
        raise CertificateError(
            f"{certificate} and {key} are not a certificate and its key in PEM, without a password."
        ) from None
    except OSError as error:
        raise CertificateError(f"cannot read {certificate} and {key}: {error.strerror}.") from error
    # What was checked is what was read, also where both are being replaced at this moment.
    if identity != Identity(_read(certificate), _read(key)):
        raise CertificateError(f"{certificate} and {key} were replaced while they were read.")
    return identity


def _read_authorities(path: Path) -> bytes:
    authorities = _read(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=authorities.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise CertificateError(f"{path} holds no certificates in PEM.") from None
    if not context.get_ca_certs():
        raise CertificateError(f"{path} holds no certificate of an authority.")
    return authorities


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"cannot read {path}: {error.strerror}.") from error
