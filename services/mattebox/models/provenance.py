"""Where an installed model comes from, as operators are told and as it is recorded beside it."""

import hashlib
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from mattebox.models import fetch
from mattebox.models.card import Card
from mattebox.models.config import Built
from mattebox.models.installed import Origin, Provenance
from mattebox.models.mnn_form import MnnForm

_TOOLS = ("mattebox", "onnx")


def name_of_origin(card: Card, from_file: Path | None) -> str:
    """Names what the published file is taken from, the operator's own file before the wheel."""
    if from_file:
        return str(from_file)
    return card.source.wheel if card.source else card.name


def origin(card: Card, from_file: Path | None, data: bytes) -> Origin:
    """Tells what the published file is."""
    if card.source:
        name = f"{card.source.wheel}: {card.source.member}"
    else:
        name = from_file.name if from_file else card.name
    sha256 = hashlib.sha256(data).hexdigest()
    return Origin(name, sha256, len(data), fetch.recognised(card, data))


def acquaintance(card: Card, origin: Origin) -> str:
    """Says whether the file is known, as a line for the operator."""
    if origin.recognised_as:
        return f"This is {origin.recognised_as}."
    if card.file:
        return "This is the file that the card names."
    return (
        f"Notice: this file is not known to the card of {card.name}. It is installed if it fits, "
        f"but whether it is that network, only you can tell. Its sha256 is {origin.sha256}."
    )


def provenance(
    card: Card, origin: Origin, built: Built, wrapped: bytes, form: MnnForm | None
) -> Provenance:
    """Records what was installed: how it was made, and out of what."""
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
