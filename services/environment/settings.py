"""The shape of a service's settings: a frozen whole made of frozen sections. Names no service."""

from pydantic import BaseModel, ConfigDict
from pydantic_settings import BaseSettings, SettingsConfigDict


class Section(BaseModel):
    """One section of the settings. The string under each field says what the field changes."""

    model_config = ConfigDict(
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class Settings(BaseSettings):
    """All settings of one service: sections, and single settings; a subclass sets ``env_prefix``.

    The variable of field ``timeout_s`` in section ``upload`` is the prefix followed by
    ``UPLOAD_TIMEOUT_S``. A single setting's ``validation_alias`` is its variable.
    """

    model_config = SettingsConfigDict(
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )
