"""How the public port speaks TLS."""

import ssl

from structlog.typing import FilteringBoundLogger

from certificates import CertificateError, Renewed, TlsFiles, TlsMaterial


def server_context(files: TlsFiles, log: FilteringBoundLogger) -> ssl.SSLContext:
    """Makes a context that looks at each handshake whether the files have been replaced.

    Raises:
        CertificateError: they cannot be used.
    """

    def make(_checked: TlsMaterial) -> ssl.SSLContext:
        return _context(files)

    renewed = Renewed(files, make, log)

    def take_newest(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = renewed.current()

    front = renewed.current()
    # Called at each handshake, whether or not the client says which name it wants.
    front.sni_callback = take_newest
    return front


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    if files.certificate is None:
        raise CertificateError(f"{files.setting}_CERT is not set.")
    try:
        context.load_cert_chain(files.certificate, files.key, password="")
    except OSError:  # SSL's errors among them
        # They had been checked, so they are being replaced at this moment.
        raise CertificateError(f"{files.setting}_*: cannot read the certificate.") from None
    return context
