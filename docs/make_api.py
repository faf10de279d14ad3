"""Runs the commands that pages show, and puts under them what they print.

MATTEBOX_GATEWAY_FETCH_ALLOW=127.0.0.1 MATTEBOX_GATEWAY_FETCH_PORTS=80,443,8765 \
    mattebox up --state-dir state --ready-file ready.json
python docs/make_api.py ready.json state
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = (
    ROOT / "README.md",
    DOCS / "api.md",
    DOCS / "command-line.md",
    DOCS / "getting-started.md",
    *sorted((DOCS / "migrate").glob("*.md")),
)
PICTURES_PORT = 8765
PATIENCE_S = 100

# What differs from one run or machine to the next, and what the page says in its place.
NORMAL_FORMS = {
    r"\r": "",
    r"\bdur=[\d.]+": "dur=…",
    r"\breq_[0-9a-f]{32}": "req_…",
    r"\btok_fp_[0-9a-f]+": "tok_fp_…",
    r'"(image|mask)": "(.{5})[^"]*"': r'"\1": "\2…"',
    r'"(images|megapixels)": [\d.]+': r'"\1": …',
    r'"period": "[\d-]+"': '"period": "…"',
    r"\bin [\d.]+ s\b": "in … s",
    # Where a subject ends, and a cut-out with it, depends on the processor a little.
    r"\b\d+ x \d+ pixels": "… x … pixels",
    r"[\d.]+ (images|MP)/s": r"… \1/s",
    r"(?m)^(Content-Length|Date|Retry-After|X-RateLimit-(?:Remaining|Reset)): .+$": r"\1: …",
}

_FENCE, _PROMPT = "```", "$ "
_END = "--- end of a command:"


class CommandError(Exception):
    """A command of the page failed; ``str(error)`` says which, and what it printed."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the commands find in their environment."""

    url: str
    key: str
    state_dir: Path
    pictures_url: str

    def variables(self, home: Path) -> dict[str, str]:
        """The environment, in which nothing of this user's changes what curl does."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if "proxy" not in name.lower() and not name.startswith("MATTEBOX_")
        }
        return kept | {
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "MATTEBOX_URL": self.url,
            "MATTEBOX_KEY": self.key,
            "MATTEBOX_GATEWAY_DATABASE_URL": f"sqlite:///{self.state_dir / 'mattebox.db'}",
            "PICTURES_URL": self.pictures_url,
        }


def surroundings(facts: Mapping[str, Any], state_dir: Path, pictures_url: str) -> Surroundings:
    """Those of a service, by its ready file."""
    return Surroundings(facts["http"], facts["api_key"], state_dir.absolute(), pictures_url)


def fetch_settings(pictures_port: int) -> dict[str, str]:
    """The settings with which a service fetches what ``pictures`` serves."""
    return {
        "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1",
        "MATTEBOX_GATEWAY_FETCH_PORTS": f"80,443,{pictures_port}",
    }


@contextmanager
def pictures(port: int = 0) -> Iterator[int]:
    """Serves the pictures of the tests on loopback until the context ends; gives the port."""
    handler = partial(_Pictures, directory=str(ROOT / "tests" / "data"))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def rewritten(page: str, around: Surroundings) -> str:
    """Returns ``page`` with the outputs that its commands have now.

    Raises:
        CommandError: if one of them fails.
    """
    outputs = iter(run(commands(page), around))
    lines: list[str] = []
    for line, kind in _kinds(page):
        if kind != "output":
            lines.append(line)
        if kind == "command":
            lines += next(outputs).splitlines()
    return "\n".join(lines) + "\n"


def commands(page: str) -> list[str]:
    """The commands that ``page`` shows, with the lines that continue them."""
    found: list[str] = []
    begun: list[str] = []
    for line, kind in _kinds(page):
        if kind in {"begun", "command"}:
            begun.append(line)
        if kind == "command":
            found.append("\n".join(begun).removeprefix(_PROMPT))
            begun = []
    return found


def run(page_commands: Sequence[str], around: Surroundings) -> list[str]:
    """Runs commands one after the other in one shell; returns what each prints, in normal form.

    Raises:
        CommandError: if one of them fails.
    """
    script = "".join(f"{command}\nprintf '%s%s\\n' '{_END}' $?\n" for command in page_commands)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shown in ("examples", "tests"):
            (folder / shown).symlink_to(ROOT / shown)
        shell = subprocess.run(
            ["bash", "-c", f"exec 2>&1\n{script}"],  # noqa: S607 - wherever the system has it
            cwd=folder,
            env=around.variables(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    return list(_outputs(page_commands, shell.stdout))


def normal(output: str) -> str:
    """Returns ``output`` as it is the same in every run."""
    for pattern, replacement in NORMAL_FORMS.items():
        output = re.sub(pattern, replacement, output)
    return output.rstrip("\n")


def _outputs(page_commands: Iterable[str], printed: str) -> Iterator[str]:
    for command in page_commands:
        output, _, printed = printed.partition(_END)
        status, _, printed = printed.partition("\n")
        if status != "0":
            raise CommandError(f"{command}\nended with {status or 'the shell'}:\n{output}")
        yield normal(output)


def _kinds(page: str) -> Iterator[tuple[str, str]]:
    """Tells each line's kind: text, output, begun (of a command that goes on), or command."""
    kind = "text"
    for line in page.splitlines():
        if line.startswith(_FENCE):
            yield line, "text"
            kind = "output" if line == f"{_FENCE}console" else "text"
        elif kind != "text" and (kind == "begun" or line.startswith(_PROMPT)):
            kind = "begun" if line.endswith("\\") else "command"
            yield line, kind
        else:
            kind = "output" if kind != "text" else kind
            yield line, kind


class _Pictures(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


def main() -> None:
    """Writes all pages anew."""
    facts = json.loads(Path(sys.argv[1]).read_text())
    with pictures(PICTURES_PORT) as port:
        around = surroundings(facts, Path(sys.argv[2]), f"http://127.0.0.1:{port}")
        for page in PAGES:
            page.write_text(rewritten(page.read_text(), around))


if __name__ == "__main__":
    main()
