"""Where models and their cards are unless an option says otherwise. Needs no library."""

from pathlib import Path

DEFAULT_MODEL = "u2netp"
DEFAULT_REPOSITORY = Path("model_repository")
SHIPPED_CARDS = Path(__file__).parent / "cards"
