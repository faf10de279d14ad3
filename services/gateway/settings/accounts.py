"""Where accounts, keys, usage and rates are kept."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, SecretStr

from environment import Section


class DatabaseSettings(Section):
    """Where accounts, keys and usage are kept."""

    url: SecretStr = SecretStr("sqlite:///.mattebox/mattebox.db")
    """sqlite:///PATH for one machine, postgresql://USER:PASSWORD@HOST/NAME for several gateways."""

    migrate: bool = True
    """Whether the schema is brought up to date at start; else an old schema is an error."""

    timeout_s: PositiveFloat = 2.0
    """Seconds that a look-up may take before it counts as failed."""

    wait_s: NonNegativeFloat = 60.0
    """Seconds for which a start waits for a PostgreSQL that is not there yet; 0 fails at once."""


class KeysSettings(Section):
    """The API keys."""

    pepper: SecretStr | None = None
    """Secret of the keys' hashes, 64 hexadecimal digits; comes before the pepper file."""

    pepper_file: Path | None = None
    """File with the pepper. Beside an SQLite database, DATABASE.pepper is used, or made."""

    query: bool = True
    """Whether keys in the query string (?api_key=) are accepted beside those in headers."""

    json_field: bool = True
    """Whether keys in the member api_key of a JSON body are accepted beside those in headers."""

    cache_s: Annotated[float, Field(gt=0, le=4)] = 2.0
    """Seconds for which a key is taken as it was last read; revocations are that late at most."""

    stale_s: Annotated[float, Field(ge=0)] = 300.0
    """Seconds for which keys that were read before are taken while the database is away."""


class UsageSettings(Section):
    """The counting of delivered images."""

    flush_s: Annotated[float, Field(gt=0, le=10)] = 2.0
    """Seconds between writes to the database; a crash loses what was counted since the last."""


class LimiterSettings(Section):
    """The rate limits of keys."""

    url: SecretStr = SecretStr("memory://")
    """memory:// counts in each gateway; redis://HOST:PORT or valkey://HOST:PORT counts in all."""

    timeout_s: PositiveFloat = 0.25
    """Seconds after which a shared counter that does not answer counts as down."""

    retry_s: PositiveFloat = 5.0
    """Seconds for which a shared counter that is down is not asked again."""

    gateways: PositiveInt = 1
    """Gateways among which the limits are divided while the shared counter is down."""
