"""What MkDocs does beside making pages: links out of docs/, lists after text, every decision.

Pages are read in the repository as well, where a link to `../tests` works. On a site it leads to
the repository if mkdocs.yml knows its address, and else the path is named and no link is made.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parents[1]
BRANCH = "main"

_LINK = re.compile(r"\[([^][]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_LIST_AFTER_TEXT = re.compile(r"^((?![-*] |\d+\. )\S.*)\n(?=- )", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


class File(Protocol):
    """What is read of MkDocs' own class of that name: the path below docs/."""

    src_uri: str


class Page(Protocol):
    """As ``File``."""

    file: File


class Config(Protocol):
    """As ``File``: what stands in mkdocs.yml."""

    nav: list[Any]
    repo_url: str | None


def on_config(config: Config) -> Config:
    """Puts every file in place of a pattern in the navigation."""
    config.nav = [*_expanded(config.nav)]
    return config


def on_page_markdown(markdown: str, page: Page, config: Config, files: Iterable[File]) -> str:
    """Turns links to what is no page of the site into links to the repository, or into paths."""
    pages = {f"docs/{file.src_uri}" for file in files}

    def turned(found: re.Match[str]) -> str:
        text, target, anchor = found.groups()
        path = posixpath.normpath(posixpath.join("docs", page.file.src_uri, "..", target))
        # What is nowhere is left as it is, for MkDocs to complain of.
        if path in pages or not (ROOT / path).exists():
            return found[0]
        return _in_repository(text, path, anchor or "", config.repo_url)

    return _outside_fences(markdown, lambda text: _apart(_LINK.sub(turned, text)))


def _apart(text: str) -> str:
    """Text in which a list that follows a paragraph is one here, too, as in the repository."""
    return _LIST_AFTER_TEXT.sub(r"\1\n\n", text)


def _in_repository(text: str, path: str, anchor: str, repo_url: str | None) -> str:
    if repo_url:
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"[{text}]({repo_url.rstrip('/')}/{kind}/{BRANCH}/{path}{anchor})"
    named = text.strip("`")
    if path.endswith(named) or path.startswith(named):
        return f"`{path}`"
    return f"{text} (`{path}`)"


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    end = 0
    for fence in _FENCED.finditer(markdown):
        parts += [change(markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(markdown[end:])])


def _expanded(items: list[Any]) -> Iterator[Any]:
    listed = {item for item in items if isinstance(item, str)}
    for item in items:
        if isinstance(item, dict):
            yield {
                title: [*_expanded(inner)] if isinstance(inner, list) else inner
                for title, inner in item.items()
            }
        elif "*" in item:
            found = (path.relative_to(ROOT / "docs") for path in (ROOT / "docs").glob(f"{item}.md"))
            yield from sorted({path.as_posix() for path in found} - listed)
        else:
            yield item
