"""How much this machine, or this container, has to give."""

import os
import resource
import shutil
from dataclasses import dataclass
from pathlib import Path

from bounds.cores import available_cores
from bounds.memory import available_memory_bytes
from mattebox.doctor.facts.settings import SettingsFacts

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps it


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What is there, and what is asked of it."""

    cores: int
    threads: int
    """Cores that are to run the model."""

    memory_bytes: int | None
    """What may still be taken; None where the system does not tell."""

    budget_mp: int | None
    """Megapixels that the segmenter may work on at a time; None where settings are wrong."""

    shared_memory_bytes: int | None
    """What is free; None where there is none."""

    files_limit: int | None
    """The most files and sockets a process may open; None is no limit."""

    max_connections: int | None


def gather(threads: int | None, settings: SettingsFacts) -> MachineFacts:
    """Looks at what this process may use."""
    cores = available_cores()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MachineFacts(
        cores=cores,
        threads=threads or cores,
        memory_bytes=available_memory_bytes(),
        budget_mp=settings.segmenter.admission.budget_mp if settings.segmenter else None,
        shared_memory_bytes=_free_bytes(_SHARED_MEMORY),
        files_limit=None if hard == resource.RLIM_INFINITY else hard,
        max_connections=settings.gateway.http.max_connections if settings.gateway else None,
    )


def _free_bytes(folder: Path) -> int | None:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return None
    return shutil.disk_usage(folder).free
