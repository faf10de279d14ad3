from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from certificates import CertificateError, TlsFiles
from tests.authority import Authority, Issued


def refusal(certificate: Path | None, key: Path | None, authorities: Path | None = None) -> str:
    with pytest.raises(CertificateError) as refused:
        TlsFiles("THE_SETTING", certificate, key, authorities).read()
    return str(refused.value)


def test_what_fits_is_read_as_it_is(authority: Authority, issued: Issued) -> None:
    files = TlsFiles("X", issued.certificate_file, issued.key_file, authority.file)

    material = files.read()

    assert material.identity is not None
    assert (material.identity.chain, material.identity.key) == (issued.chain, issued.key)
    assert material.authorities == authority.certificate


def test_what_is_not_named_is_not_read(authority: Authority, issued: Issued) -> None:
    own = TlsFiles("X", issued.certificate_file, issued.key_file).read()
    others = TlsFiles("X", authorities=authority.file).read()

    assert (own.authorities, others.identity) == (None, None)


def test_a_key_is_shown_nowhere(issued: Issued) -> None:
    material = TlsFiles("X", issued.certificate_file, issued.key_file).read()

    assert "PRIVATE" not in repr(material)


def test_a_file_that_is_not_there_is_named_with_its_setting(tmp_path: Path, issued: Issued) -> None:
    missing = tmp_path / "missing.pem"

    for told in (
        refusal(missing, issued.key_file),
        refusal(issued.certificate_file, missing),
        refusal(None, None, missing),
    ):
        assert told == f"THE_SETTING_*: cannot read {missing}: No such file or directory."


def test_a_folder_is_no_file(tmp_path: Path, issued: Issued) -> None:
    assert "Is a directory" in refusal(tmp_path, issued.key_file)


def test_the_key_of_another_certificate_is_refused(authority: Authority, issued: Issued) -> None:
    other = authority.issue("localhost")

    assert f"{other.key_file} is not the key of" in refusal(issued.certificate_file, other.key_file)


def test_certificate_and_key_in_each_others_place_are_refused(issued: Issued) -> None:
    assert "are not a certificate and its key" in refusal(issued.key_file, issued.certificate_file)


@pytest.mark.parametrize("content", [b"", b"no PEM", b"\xff\x00", b"-----BEGIN CERTIFICATE-----"])
def test_what_is_no_pem_is_refused_and_not_repeated(
    tmp_path: Path, issued: Issued, content: bytes
) -> None:
    damaged = tmp_path / "damaged.pem"
    damaged.write_bytes(content)

    assert "are not a certificate" in refusal(damaged, issued.key_file)
    assert "are not a certificate" in refusal(issued.certificate_file, damaged)
    told = refusal(None, None, damaged)
    assert "holds no certificate" in told
    assert "no PEM" not in told


def test_a_key_with_a_password_is_refused_without_asking_for_it(issued: Issued) -> None:
    key = load_pem_private_key(issued.key, None)
    issued.key_file.write_bytes(
        key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"the password")
        )
    )

    assert "without a password" in refusal(issued.certificate_file, issued.key_file)


def test_a_certificate_that_vouches_for_nobody_is_no_authority(issued: Issued) -> None:
    told = refusal(None, None, issued.key_file)
    assert "holds no certificate" in told
    leaf = issued.certificate_file
    leaf.write_bytes(issued.chain)
    assert "holds no certificate of an authority" in refusal(None, None, leaf)
