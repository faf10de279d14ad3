"""On whose behalf a call is made: callers that are told apart share what there is fairly."""

import re

METADATA_KEY = "x-mattebox-caller"

_WELL_FORMED = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def well_formed_caller(offered: str | None) -> str | None:
    """Returns ``offered`` if it is 1 to 64 of ``A-Z a-z 0-9 . _ : -``, else nothing."""
    return offered if offered is not None and _WELL_FORMED.fullmatch(offered) else None
