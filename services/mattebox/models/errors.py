"""What can go wrong with a model before anything serves it."""


class ModelError(Exception):
    """A failure whose text is a public sentence: what is wrong, and what to do next."""

    exit_code = 1
    """What a command that fails for this reason exits with; 2 is for wrong arguments."""


class CardError(ModelError):
    """There is no such card, or what it says makes no sense."""


class LicenceError(ModelError):
    """The weights may not be used commercially, and nobody has accepted that."""

    exit_code = 3


class ConfigError(ModelError):
    """The model's ``config.pbtxt`` is missing, or speaks of another network."""


class FetchError(ModelError):
    """The published file could not be had, or is not the one the card names."""


class WrapError(ModelError):
    """The published graph is not what the card says, or cannot be wrapped."""


class ProofError(ModelError):
    """The wrapped graph does not compute what the published one does."""


class DamagedError(ModelError):
    """What stands in the model repository is not what was installed there."""
