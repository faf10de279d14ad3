"""Whether a network may be installed under its terms. Knows no files and no networks."""

from collections.abc import Callable

from mattebox.models.card import Card
from mattebox.models.errors import LicenceError

_MEANINGS = {"yes": "yes", "unclear": "unclear, the operator decides", "no": "no"}


def demand(card: Card, *, accepted: bool, tell: Callable[[str], None]) -> None:
    """Tells terms that are not free, and refuses those without commercial use unless accepted.

    Raises:
        LicenceError: they were not accepted.
    """
    licence = card.licence
    if licence.commercial_use == "yes":
        return
    tell(f"{licence.notice.strip()}\n\nCommercial use: {commercial_use(card)}\n")
    if licence.commercial_use == "no" and not accepted:
        raise LicenceError(
            f"{card.name} may not be used commercially, under {licence.spdx} "
            f"({licence.source}). Nothing was installed. If you keep to these terms, say so with "
            "--accept-licence."
        )


def commercial_use(card: Card) -> str:
    """Says whether the weights may be used commercially."""
    return f"{_MEANINGS[card.licence.commercial_use]}. {card.licence.commercial_use_note}"
