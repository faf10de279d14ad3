"""A process's settings, read once out of its environment variables, all problems told at once."""

from environment.addresses import start_problem
from environment.needs import lacking
from environment.reading import (
    About,
    SettingsError,
    exit_with_problems,
    read_settings,
    read_settings_or_exit,
    variable_names,
    variables,
)
from environment.settings import Section, Settings

__all__ = [
    "About",
    "Section",
    "Settings",
    "SettingsError",
    "exit_with_problems",
    "lacking",
    "read_settings",
    "read_settings_or_exit",
    "start_problem",
    "variable_names",
    "variables",
]
