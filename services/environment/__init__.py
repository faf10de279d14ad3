"""A process's settings, read once out of its environment variables, all problems told at once."""

from environment.needs import lacking
from environment.reading import (
    SettingsError,
    exit_with_problems,
    read_settings,
    read_settings_or_exit,
    variable_names,
    variables,
)
from environment.settings import Section, Settings

__all__ = [
    "Section",
    "Settings",
    "SettingsError",
    "exit_with_problems",
    "lacking",
    "read_settings",
    "read_settings_or_exit",
    "variable_names",
    "variables",
]
