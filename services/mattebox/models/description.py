"""What is told of a model in a list of them."""

from pathlib import Path

from mattebox.models import installed, licence
from mattebox.models.card import Card
from mattebox.models.installed import Condition


def describe(model: Card, repository: Path) -> dict[str, str | int | None]:
    """Tells of a model by names that stay: its state, size, terms and file.

    Size and hash are None where only the file can tell them, and it is not there.
    """
    condition = installed.condition(model, repository)
    height_px, width_px = _size(model, condition)
    return {
        "name": model.name,
        "title": model.title,
        "state": condition.state.value,
        "problem": condition.problem,
        "height_px": height_px,
        "width_px": width_px,
        "size": f"{height_px or 'any'} x {width_px or 'any'}",
        "licence": model.licence.spdx,
        "licence_source": model.licence.source,
        "holder": model.licence.holder,
        "commercial_use": model.licence.commercial_use,
        "commercial_use_text": licence.commercial_use(model),
        "notice": model.licence.notice,
        "file": _file(model, condition),
        "source_sha256": _source_sha256(model, condition),
    }


def _size(model: Card, condition: Condition) -> tuple[int | None, int | None]:
    if condition.provenance:
        return condition.provenance.height_px, condition.provenance.width_px
    return model.graph.height_px, model.graph.width_px


def _file(model: Card, condition: Condition) -> str:
    if condition.provenance:
        origin = condition.provenance.origin
        known = f", {origin.recognised_as}" if origin.recognised_as else ""
        return f"{origin.name}{known}"
    if model.source:
        return f"fetched from the Python package index, {model.source.wheel}"
    return "yours to bring, with --from-file"


def _source_sha256(model: Card, condition: Condition) -> str | None:
    if condition.provenance:
        return condition.provenance.origin.sha256
    return model.file.sha256 if model.file else None
