"""An authority that issues certificates for tests, and the files where services look for them."""

from dataclasses import dataclass
from pathlib import Path

import grpc
import trustme


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, in memory and in files."""

    chain: bytes
    key: bytes
    certificate_file: Path
    key_file: Path

    def put(self, other: "Issued") -> None:
        """Replaces what is in the files by ``other``, each at one stroke."""
        for file, content in (
            (self.certificate_file, other.chain),
            (self.key_file, other.key),
        ):
            draft = file.with_suffix(".draft")
            draft.write_bytes(content)
            draft.replace(file)


class Authority:
    """Vouches for whom it issues certificates. Its files are in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        self.certificate = self._authority.cert_pem.bytes()
        self.file = folder / f"authority-{id(self)}.pem"
        self.file.write_bytes(self.certificate)

    def issue(self, *names: str) -> Issued:
        """Issues a certificate for host names and addresses."""
        issued = self._authority.issue_cert(*names)
        chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
        key = issued.private_key_pem.bytes()
        place = self._folder / f"issued-{id(issued)}"
        certificate_file, key_file = place.with_suffix(".crt"), place.with_suffix(".key")
        certificate_file.write_bytes(chain)
        key_file.write_bytes(key)
        return Issued(chain, key, certificate_file, key_file)

    def server_credentials(self, *names: str, of_clients: bool = False) -> grpc.ServerCredentials:
        """Credentials of a gRPC server, which may demand certificates of this authority."""
        issued = self.issue(*names)
        return grpc.ssl_server_credentials(
            [(issued.key, issued.chain)],
            self.certificate if of_clients else None,
            require_client_auth=of_clients,
        )

    def channel_credentials(self, identity: Issued | None = None) -> grpc.ChannelCredentials:
        """Credentials of a gRPC client that believes this authority alone."""
        if identity is None:
            return grpc.ssl_channel_credentials(self.certificate)
        return grpc.ssl_channel_credentials(self.certificate, identity.key, identity.chain)
