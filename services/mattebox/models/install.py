"""Installs a model: fetch, wrap, prove, and only then write. The story, readable top to bottom."""

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from mattebox.models import config, fetch, folder, installed
from mattebox.models.card import Card
from mattebox.models.installed import State
from mattebox.models.prove import Proof, prove
from mattebox.models.wrap import wrap


def install(
    card: Card,
    repository: Path,
    *,
    from_file: Path | None = None,
    force: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Proof | None:
    """Builds a card's model into a repository, in which its ``config.pbtxt`` must stand.

    Several installs of one model wait for each other. One that fails or is killed leaves what was
    served before it as it was.

    Args:
        card: the model.
        repository: the folder with a folder for each model.
        from_file: the published file or its wheel, to be taken in place of a download.
        force: build again what is already there and right.
        tell: told what is being done, a line at a time.

    Returns:
        The proof that it computes rightly; None where it was already there.

    Raises:
        ModelError: any step failed; nothing was written.
        OSError: the repository cannot be written to.
    """
    serving = config.read(card, repository)
    target = installed.version_folder(card, repository)
    if not force and not folder.was_left(target) and _stands(card, repository):
        return None
    with folder.sole_writer(target):
        if not force and _stands(card, repository):
            return None
        tell(f"Fetching {from_file or card.source.wheel}")
        published = fetch.from_file(card, from_file) if from_file else fetch.from_index(card)
        tell("Wrapping the graph")
        built = wrap(published, card)
        tell("Proving that it computes what the published one does")
        proof = prove(published, built, card, serving)
        _write(card, target, built)
    return proof


def _stands(card: Card, repository: Path) -> bool:
    return installed.condition(card, repository).state is State.INSTALLED


def _write(card: Card, target: Path, built: bytes) -> None:
    tools = {name: metadata.version(name) for name in ("mattebox", "onnx")}
    provenance = installed.provenance_of(card, built, tools)
    folder.put(target, "LICENSE", card.licence.text_file.read_bytes())
    folder.put(target, "NOTICE", card.licence.notice.encode())
    folder.put(target, installed.GRAPH, built)
    # Last, since it is what says that the build is whole.
    folder.put(target, installed.PROVENANCE, installed.provenance_to_json(provenance))
