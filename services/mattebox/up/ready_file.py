"""What `mattebox up` tells once it is up: to people on standard output, to programs in a file."""

import contextlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from mattebox.up.say import say


@dataclass(frozen=True, slots=True)
class Facts:
    """How to reach what is up; the names are those of the file."""

    http: str
    grpc: str
    metrics: str
    api_key: str
    engine: str
    model: str
    segmenter_metrics: str


@contextlib.contextmanager
def announced(
    facts: Facts, file: Path | None, *, has_page: bool = True
) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """Gives a function that tells the facts, with the process ids it is handed.

    It prints them the first time, with how to use them, and writes the file each time; only the
    first time a file that cannot be written is an error. The file is there only as long as it is
    true: one that an earlier run left is removed before, this one's afterwards.
    """
    told = False
    page_lines = [_page_line(facts)] if has_page else []

    def announce(pids: Mapping[str, int]) -> None:
        nonlocal told
        content = json.dumps(asdict(facts) | {"pids": dict(pids)})
        try:
            if file:
                _write(file, content)
        except OSError as error:
            if not told:
                raise
            say(f"{file} cannot be written any more and is out of date: {error.strerror}.")
        if not told:
            told = True
            with contextlib.suppress(BrokenPipeError):  # whoever read it wanted no more
                print(content, _curl_line(facts), *page_lines, sep="\n", flush=True)

    _remove(file)
    try:
        yield announce
    finally:
        _remove(file)


def _remove(file: Path | None) -> None:
    if file:
        file.unlink(missing_ok=True)


def _curl_line(facts: Facts) -> str:
    return (
        f"curl --fail-with-body -H 'x-api-key: {facts.api_key}'"
        f" -F image_file=@photo.jpg -o cut-out.png {facts.http}/v2"
    )


def _page_line(facts: Facts) -> str:
    """Where the playground is, with the key in the fragment, which browsers send to no server.

    Their history may keep it: this key is for this machine, and the next start revokes it.
    """
    return f"Open {facts.http}/#key={facts.api_key}"


def _write(path: Path, content: str) -> None:
    """Puts the content in place at one stroke, for this user only, since it holds a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Nobody else can have made a file of that name, or a link to one, in a folder that is shared.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content + "\n")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
