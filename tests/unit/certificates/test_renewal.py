import io
import json
from collections.abc import Callable

import pytest

from certificates import CertificateError, Renewed, TlsFiles, TlsMaterial
from telemetry.logs import open_log
from tests.authority import Authority, Issued

Log = Callable[[], list[str]]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def files(issued: Issued) -> TlsFiles:
    return TlsFiles("THE_SETTING", issued.certificate_file, issued.key_file)


@pytest.fixture
def chain(files: TlsFiles, stream: io.StringIO) -> Renewed[bytes]:
    return Renewed(files, shown_chain, open_log("info", "json", stream))


def shown_chain(material: TlsMaterial) -> bytes:
    assert material.identity is not None
    # Not the same object twice, so that it shows when it was made.
    return bytes(bytearray(material.identity.chain))


def events(stream: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in stream.getvalue().splitlines()]


def test_unchanged_files_are_not_read_again(
    chain: Renewed[bytes], issued: Issued, stream: io.StringIO
) -> None:
    first = chain.current()

    assert first == issued.chain
    assert chain.current() is first
    assert events(stream) == []


def test_replaced_files_are_taken_up(
    chain: Renewed[bytes], authority: Authority, issued: Issued, stream: io.StringIO
) -> None:
    other = authority.issue("localhost")
    issued.put(other)

    assert chain.current() == other.chain
    assert chain.current() is chain.current()
    assert events(stream) == ["certificate_renewed"]


def test_half_a_replacement_changes_nothing_until_it_is_whole(
    chain: Renewed[bytes], authority: Authority, issued: Issued, stream: io.StringIO
) -> None:
    other = authority.issue("localhost")
    issued.certificate_file.write_bytes(other.chain)

    assert [chain.current(), chain.current()] == [issued.chain] * 2
    assert events(stream) == ["certificate_not_renewed"]

    issued.key_file.write_bytes(other.key)
    assert chain.current() == other.chain
    assert events(stream) == ["certificate_not_renewed", "certificate_renewed"]


def test_files_that_vanish_change_nothing(
    chain: Renewed[bytes], issued: Issued, stream: io.StringIO
) -> None:
    issued.key_file.unlink()

    assert [chain.current(), chain.current()] == [issued.chain] * 2
    assert events(stream) == ["certificate_not_renewed"]
    assert issued.key.decode() not in stream.getvalue()


def test_what_is_wrong_from_the_beginning_is_an_error(files: TlsFiles, issued: Issued) -> None:
    issued.key_file.unlink()

    with pytest.raises(CertificateError, match="THE_SETTING"):
        Renewed(files, shown_chain, open_log("info", "json", io.StringIO()))
