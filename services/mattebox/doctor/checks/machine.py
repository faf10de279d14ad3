"""Whether the machine has what docs/operations.md says that Mattebox takes."""

import math

from mattebox.doctor.facts.machine import MachineFacts
from mattebox.doctor.finding import Finding, Subject, Topic
from mattebox.up.options import EngineChoice

_GATEWAY_BYTES = 200_000_000
_SEGMENTER_BYTES = 250_000_000
_BYTES_PER_MEGAPIXEL = 10_000_000
_ENGINE_BYTES = 150_000_000
_BYTES_PER_PICTURE = 110_000_000
_MOST_PICTURES = 8

_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - where Linux keeps it
_SHARED_MEMORY_BYTES = 64 * 2**20
"""What container engines give unless told otherwise, and enough for a batch of u2netp."""

_RESERVED_FILES = 512
_FILES_PER_CONNECTION = 2


def memory(facts: MachineFacts, *, is_running: bool) -> Finding:
    """Whether there is memory for as many pictures as the settings allow at a time."""
    subject = Subject("memory", Topic.MEMORY)
    if facts.memory_bytes is None:
        return subject.not_checked("This system does not tell how much is available.")
    left = f"{facts.memory_bytes / 1e9:.1f} GB"
    if is_running:
        return subject.ok(f"{left} are available beside the `mattebox up` which runs.")
    if facts.budget_mp is None:
        return subject.not_checked("How much is needed goes by settings, which are wrong.")
    needed_bytes = memory_needed_bytes(facts.threads, facts.budget_mp)
    # Up, so that what is told to be needed suffices.
    needed = f"{math.ceil(needed_bytes / 1e8) / 10:.1f} GB"
    if facts.memory_bytes < needed_bytes:
        return subject.warning(
            f"{left} are available, and under load u2netp takes up to {needed}.",
            "Give it more, or lower MATTEBOX_SEGMENTER_ADMISSION_BUDGET_MP"
            f" ({facts.budget_mp}; {_BYTES_PER_MEGAPIXEL // 10**6} MB each) or --threads.",
        )
    return subject.ok(f"{left} are available; under load u2netp takes up to {needed}.")


def memory_needed_bytes(threads: int, budget_mp: int) -> int:
    """What gateway, segmenter and u2netp take at most, by the sizing of docs/operations.md."""
    pictures = min(threads, _MOST_PICTURES) + 1
    segmenter_bytes = _SEGMENTER_BYTES + budget_mp * _BYTES_PER_MEGAPIXEL
    engine_bytes = _ENGINE_BYTES + pictures * _BYTES_PER_PICTURE
    return _GATEWAY_BYTES + segmenter_bytes + engine_bytes


def shared_memory(facts: MachineFacts, wanted: EngineChoice) -> Finding:
    """Whether Triton's processes have room to hand pictures to each other."""
    subject = Subject("shared memory", Topic.SHARED_MEMORY)
    if wanted is EngineChoice.ONNXRUNTIME:
        return subject.not_checked("The engine onnxruntime needs none.")
    if facts.shared_memory_bytes is None:
        return subject.warning(
            f"{_SHARED_MEMORY} is not there or cannot be written, and Triton needs it.",
            "Mount a tmpfs there (a container: --shm-size=256m), or pass --engine onnxruntime.",
        )
    free = f"{_SHARED_MEMORY} has {facts.shared_memory_bytes / 2**20:.0f} MiB free"
    if facts.shared_memory_bytes < _SHARED_MEMORY_BYTES:
        return subject.warning(
            f"{free}; Triton needs up to {_SHARED_MEMORY_BYTES // 2**20} MiB, more for large"
            " networks.",
            "Enlarge it (a container: --shm-size=256m), or remove what other programs left there.",
        )
    return subject.ok(f"{free}.")


def open_files(facts: MachineFacts) -> Finding:
    """Whether the gateway may have as many connections as its settings say."""
    subject = Subject("open files", Topic.OPEN_FILES)
    if facts.files_limit is None:
        return subject.ok("The system sets no limit.")
    if facts.max_connections is None:
        return subject.not_checked("How many are needed goes by settings, which are wrong.")
    needed = _FILES_PER_CONNECTION * facts.max_connections + _RESERVED_FILES
    if facts.files_limit < needed:
        fitting = (facts.files_limit - _RESERVED_FILES) // _FILES_PER_CONNECTION
        lower = f", or MATTEBOX_GATEWAY_HTTP_MAX_CONNECTIONS={fitting}" if fitting > 0 else ""
        return subject.problem(
            f"A process may open {facts.files_limit}; {facts.max_connections} connections need"
            f" {needed}.",
            f"Raise the hard limit (`ulimit -Hn`, LimitNOFILE= of systemd){lower}.",
        )
    return subject.ok(f"A process may open {facts.files_limit}; {needed} are needed at most.")


def cores(facts: MachineFacts) -> Finding:
    """Whether the model is given more cores than there are."""
    subject = Subject("cores", Topic.CORES)
    if facts.threads > facts.cores:
        return subject.warning(
            f"--threads is {facts.threads}, and this process may use {facts.cores}.",
            "Leave --threads out, or give the container more.",
        )
    return subject.ok(f"{facts.cores} may be used; {facts.threads} run the model.")
