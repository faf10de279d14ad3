"""How the gRPC server listens: in plain text, or with TLS and its callers' certificates."""

import grpc
from structlog.typing import FilteringBoundLogger

from certificates import Renewed, TlsFiles, TlsMaterial
from segmenter.settings import GrpcSettings


def listen(server: grpc.aio.Server, settings: GrpcSettings, log: FilteringBoundLogger) -> int:
    """Opens the port of ``server``, which has not been started, and returns it.

    Raises:
        RuntimeError: the address is taken.
        CertificateError: the files of TLS cannot be used.
    """
    address = f"{settings.host}:{settings.port}"
    if settings.tls is None:
        return server.add_insecure_port(address)
    return server.add_secure_port(address, _credentials(settings.tls, log))


def _credentials(files: TlsFiles, log: FilteringBoundLogger) -> grpc.ServerCredentials:
    """Makes credentials that look at each handshake whether the files have been replaced."""
    configuration = Renewed(files, _configuration, log)
    return grpc.dynamic_ssl_server_credentials(
        configuration.current(),
        configuration.current,
        require_client_authentication=files.authorities is not None,
    )


def _configuration(material: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    pairs = [] if material.identity is None else [(material.identity.key, material.identity.chain)]
    return grpc.ssl_server_certificate_configuration(pairs, material.authorities)
