"""Which other services' APIs are spoken, and within which limits."""

from typing import Annotated, Literal, get_args

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator
from pydantic_settings import NoDecode

from environment import Section
from gateway.public_urls import is_public_url
from gateway.settings.fields import items

DialectName = Literal["removebg", "photoroom", "clipdrop", "slazzer", "picsart", "rembg"]

_LARGEST_ANSWER_MP = 50
_LONGEST_RESULTS_S = 24 * 3600


class DialectsSettings(Section):
    """The APIs of other services that are spoken beside /v2.

    Their limits are those that the services document; the server's own hold beside them.
    """

    enabled: Annotated[tuple[DialectName, ...], NoDecode] = get_args(DialectName)
    """Names, by commas, of those that are spoken; the paths of all others get 404."""

    credits: Annotated[int, Field(ge=0)] = 1_000_000
    """What their account calls tell of credits. None are ever used up."""

    removebg_mb: PositiveInt = 22
    """Largest image for remove.bg's dialect in MB of 1,048,576 bytes."""

    removebg_mp: PositiveInt = 50
    """Most megapixels of an image for remove.bg's dialect."""

    photoroom_mb: PositiveInt = 50
    """Largest image for Photoroom's dialect in MB."""

    photoroom_host: bool = False
    """Whether GET /v2/account answers as Photoroom's where the Host is image-api.photoroom.com."""

    clipdrop_mb: PositiveInt = 30
    """Largest image for Clipdrop's dialect in MB."""

    clipdrop_mp: Annotated[int, Field(gt=0, le=_LARGEST_ANSWER_MP)] = 25
    """Most megapixels of an image for Clipdrop's dialect, at most 50: its answers are as large as
    their images."""

    slazzer_mb: PositiveInt = 12
    """Largest image for Slazzer's dialect in MB."""

    picsart_mb: PositiveInt = 100
    """Largest image for Picsart's dialect in MB."""

    public_url: str | None = None
    """Where clients reach this service, as https://cut.example: the URLs of Picsart's results begin
    with it. Without it they begin with the scheme and the Host of the request."""

    results_ttl_s: Annotated[int, Field(gt=0, le=_LONGEST_RESULTS_S)] = 600
    """Seconds for which the result of a Picsart request can be fetched from its URL."""

    results_mb: PositiveInt = 256
    """MB of results that are kept at a time, three quarters of them of one key at most: a larger
    one is 413. By default the largest of 50 megapixels fits. Beyond it those go first that were
    fetched already; where none is, the answer is 503."""

    results_url: SecretStr = SecretStr("memory://")
    """memory:// keeps results in each gateway; redis://HOST:PORT or valkey://HOST:PORT shares them,
    as several gateways need unless their clients come back to the same one. A server that saves to
    its disk puts pictures there."""

    results_timeout_s: PositiveFloat = 5.0
    """Seconds after which a server of results that does not answer counts as down."""

    results_retry_s: PositiveFloat = 5.0
    """Seconds for which a server of results that is down is not asked again: 503 meanwhile."""

    rembg_key: SecretStr | None = None
    """The API key on which requests in rembg's dialect count that bring none, as rembg's clients
    do. Whoever reaches the port may then use that dialect; without it they get 401."""

    @field_validator("enabled", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return items(value)

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not is_public_url(url):
            raise ValueError("it is no http or https URL of a host, a port and a path alone.")
        return url.rstrip("/")
