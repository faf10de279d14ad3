"""Installs a model: fetch, wrap, prove, and only then write. The story, readable top to bottom."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mattebox.models import (
    config,
    config_text,
    fetch,
    folder,
    installed,
    licence,
    provenance,
    published,
)
from mattebox.models.card import Card
from mattebox.models.config import Built, Config
from mattebox.models.errors import ModelError
from mattebox.models.installed import State
from mattebox.models.lean import lean
from mattebox.models.mnn_form import MnnForm, mnn_form
from mattebox.models.prove import Proof, proof_pictures, prove, prove_quantised
from mattebox.models.quantise import quantise
from mattebox.models.wrap import wrap
from mattebox.models.writing import Files, write
from segmenter.inference.runtimes import mnn_is_installed

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """How a model is installed."""

    from_file: Path | None = None
    """The published file, or the wheel it lies in, to be taken in place of a download."""
    force: bool = False
    """Build again what is already there and right."""
    accept_licence: bool = False
    """The operator keeps to terms without commercial use."""


_DEFAULTS = InstallOptions()


def install(
    card: Card,
    repository: Path,
    options: InstallOptions = _DEFAULTS,
    tell: Tell = lambda _: None,
) -> Proof | None:
    """Builds a card's model into a repository.

    Several installs of one model wait for each other. One that fails or is killed leaves what was
    served before it as it was.

    Args:
        card: the model.
        repository: the folder with a folder for each model.
        options: how it is done.
        tell: told what is being done, a line at a time.

    Returns:
        The proof that it computes rightly; None where it was already there.

    Raises:
        ModelError: any step failed; nothing was written.
        OSError: the repository cannot be written to; what stood there stays.
    """
    target = installed.version_folder(card.name, repository)
    may_stand = not options.force and options.from_file is None
    if may_stand and not folder.was_left(target) and _stands(card, repository):
        return None
    if options.from_file is None:
        fetch.demand_source(card)
    licence.demand(card, accepted=options.accept_licence, tell=tell)
    with folder.sole_writer(target):
        if may_stand and _stands(card, repository):
            return None
        existing = config.find(card.name, repository)
        tell(f"Fetching {provenance.name_of_origin(card, options.from_file)}")
        data = _fetched(card, options)
        origin = provenance.origin(card, options.from_file, data)
        if not options.force and _stands(card, repository, origin.sha256):
            return None
        tell(provenance.acquaintance(card, origin))
        tell("Wrapping the graph")
        wrapped = lean(wrap(data, card))
        tell("Proving that it computes what the published one does")
        found = published.inspect(published.parsed(data), card)
        proof = prove(data, wrapped, card, found)
        if card.quantisation:
            tell("Rounding it to 8-bit integers, and proving how little that changes")
            in_float, wrapped = wrapped, quantise(wrapped, card.quantisation)
            proof = prove_quantised(wrapped, in_float, card, proof)
        size = (found.height_px, found.width_px)
        form = _form_for_mnn(wrapped, card, size, tell)
        if form:
            proof = replace(proof, from_mnn=form.from_graph)
        built = Built(card.name, *size, proof.max_batch_size, origin.sha256)
        text = _settled(existing, card, built, proof)
        if existing and text is None:
            _tell_of_other_terms(existing, card, built, tell)
        record = provenance.provenance(card, origin, built, wrapped, form)
        write(target, record, Files(wrapped, form.content if form else None, text))
    return proof


def _stands(card: Card, repository: Path, source_sha256: str | None = None) -> bool:
    found = installed.condition(card, repository)
    if found.state is not State.INSTALLED or found.provenance is None:
        return False
    if config.find(card.name, repository) is None:
        return False
    if card.serving.mnn and mnn_is_installed() and not found.provenance.mnn_sha256:
        return False
    if source_sha256 is None:
        return True
    terms = replace(card.licence, text_file=None)
    stands = (found.provenance.origin.sha256, found.provenance.card.licence)
    return stands == (source_sha256, terms)


def _fetched(card: Card, options: InstallOptions) -> bytes:
    return fetch.from_file(card, options.from_file) if options.from_file else fetch.from_index(card)


def _form_for_mnn(
    wrapped: bytes, card: Card, size_px: tuple[int, int], tell: Tell
) -> MnnForm | None:
    """Makes what CPUs run in place of the graph; where that fails the graph will do."""
    if not card.serving.mnn:
        return None
    if not mnn_is_installed():
        tell(
            "Notice: CPUs will run it with ONNX Runtime, which is slower: MNN is not installed. "
            "With it (pip install 'mattebox[models]') install the model again."
        )
        return None
    tell("Converting it for MNN, and proving that this computes the same")
    try:
        return mnn_form(wrapped, proof_pictures(*size_px))
    except ModelError as error:
        tell(f"Notice: CPUs will run it with ONNX Runtime, which is slower. {error}")
        return None


def _settled(existing: Config | None, card: Card, built: Built, proof: Proof) -> str | None:
    """The configuration to be written; None where the one that stands there is right."""
    if existing is None or existing.source_sha256 not in ("", built.source_sha256):
        return config_text.render(card, built, proof.known_answer)
    config.demand(existing, built)
    config.demand_known_answer(existing, proof.known_answer)
    return None


def _tell_of_other_terms(existing: Config, card: Card, built: Built, tell: Tell) -> None:
    other = [
        name
        for name, text in config_text.terms(card, built).items()
        if existing.parameter(name) not in ("", text)
    ]
    if other:
        tell(
            f"Notice: {existing.path} stays, and tells callers another {', '.join(other)} than the "
            "card. Delete it and install again to have it written anew."
        )
