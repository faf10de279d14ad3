"""Which models there are: those of the shipped cards, and those installed with a card of one's own.

Needs none of the libraries that installing needs.
"""

from pathlib import Path

from mattebox.models import card, installed
from mattebox.models.card import Card
from mattebox.models.errors import CardError, DamagedError


def own_card(name: str, path: Path, cards: Path) -> Card:
    """Reads a card of the operator's for the model of this name.

    Raises:
        CardError: it is wrong, is for another model, or takes the name of a known one.
    """
    own = card.read(path)
    if own.name != name:
        raise CardError(f"The card {path} is for the model '{own.name}', not for '{name}'.")
    if name in card.names(cards):
        raise CardError(
            f"There is a card for a model '{name}' already. Give your own another name, in the "
            f"card {path} and in the command."
        )
    return own


def find(name: str, cards: Path, repository: Path) -> Card:
    """Finds the card of a known model, or the one with which a model was installed.

    Raises:
        CardError: there is neither.
        DamagedError: with which one a model was installed is not told any more.
    """
    if name in card.names(cards) or name not in installed.names(repository):
        return card.load(name, cards)
    own = installed.card_of(name, repository)
    if own is None:
        path = installed.version_folder(name, repository) / installed.PROVENANCE
        raise DamagedError(
            f"{path} is no provenance of {name}. Install it again, with --card and --from-file."
        )
    return own


def names(cards: Path, repository: Path) -> list[str]:
    """Lists the known models and those installed with a card of one's own, sorted."""
    own = [name for name in installed.names(repository) if installed.card_of(name, repository)]
    return sorted({*card.names(cards), *own})
