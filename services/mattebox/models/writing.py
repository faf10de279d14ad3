"""Writes what an installation built, so that nothing is ever seen half made."""

from dataclasses import dataclass
from pathlib import Path

from mattebox.models import config, folder, installed
from mattebox.models.installed import Provenance
from segmenter.inference.runtimes import MNN_FORM


@dataclass(frozen=True, slots=True)
class Files:
    """What is written beside licence, notice and provenance."""

    graph: bytes
    mnn_form: bytes | None
    """None where there is none."""
    config: str | None
    """None where the one that stands there stays."""


def write(target: Path, provenance: Provenance, files: Files) -> None:
    """Writes a model into its version's folder, which is held.

    Raises:
        OSError: it cannot be written; what stood there stays.
    """
    terms = provenance.card.licence
    contents = {
        target / installed.NOTICE: terms.notice.encode(),
        target / installed.GRAPH: files.graph,
    }
    if terms.text_file:
        contents[target / installed.LICENCE] = terms.text_file.read_bytes()
    if files.mnn_form is not None:
        contents[target / MNN_FORM] = files.mnn_form
    if files.config is not None:
        contents[target.parent / config.FILE_NAME] = files.config.encode()
    # Last, since it is what says that the build is whole.
    contents[target / installed.PROVENANCE] = installed.provenance_to_json(provenance)
    folder.put(target, contents)
    for name in (installed.LICENCE, MNN_FORM):
        if target / name not in contents:
            (target / name).unlink(missing_ok=True)
