"""The settings of both services as the environment makes them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.settings import GatewaySettings
    from segmenter.settings import SegmenterSettings


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """What was read; None where it cannot be."""

    gateway: "GatewaySettings | None"
    segmenter: "SegmenterSettings | None"
    problems: tuple[str, ...]
    """A sentence each."""

    missing_package: str = ""


def gather() -> SettingsFacts:
    """Reads the settings as the services would."""
    try:
        from gateway.settings import GatewaySettings  # noqa: PLC0415 - slow to import
        from segmenter.settings import SegmenterSettings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        return SettingsFacts(None, None, (), error.name or "mattebox")
    from environment import SettingsError, read_settings  # noqa: PLC0415

    gateway, segmenter, problems = None, None, list[str]()
    try:
        gateway = read_settings(GatewaySettings)
    except SettingsError as error:
        problems += error.problems
    try:
        segmenter = read_settings(SegmenterSettings)
    except SettingsError as error:
        problems += error.problems
    return SettingsFacts(gateway, segmenter, tuple(problems))
