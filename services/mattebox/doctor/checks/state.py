"""Whether the state directory can be used, and only by whom it should."""

import stat

from mattebox.doctor.facts.state import StateFacts
from mattebox.doctor.finding import Finding, Subject, Topic

_NEEDED_BYTES = 100 * 2**20
_COMFORTABLE_BYTES = 2**30


def directory(facts: StateFacts) -> Finding:
    """Whether it can be used, and whether others can look into it or change it."""
    subject = Subject("state directory", Topic.STATE_DIRECTORY)
    elsewhere = "name another one with --state-dir."
    if not facts.is_folder:
        return subject.problem(f"{facts.nearest} is no folder.", f"Remove it, or {elsewhere}")
    if not facts.is_writable:
        what = "cannot be used" if facts.exists else f"cannot be made in {facts.nearest}"
        return subject.problem(
            f"{facts.path} {what}: this user may not write there.",
            f"`chown` it to the user who runs Mattebox, or {elsewhere}",
        )
    if not facts.exists:
        return subject.ok(f"{facts.path} will be made at the first start.")
    return _existing(subject, facts)


def disk(facts: StateFacts) -> Finding:
    """Whether there is room for the database, and for what is put together for Triton."""
    subject = Subject("disk", Topic.DISK)
    free = f"{facts.free_bytes / 1e9:.1f} GB are free where {facts.path} is"
    mend = "Make room, or put the state elsewhere with --state-dir."
    if facts.free_bytes < _NEEDED_BYTES:
        return subject.problem(f"{free}.", mend)
    if facts.free_bytes < _COMFORTABLE_BYTES:
        return subject.warning(f"{free}, and accounts and usage grow.", mend)
    return subject.ok(f"{free}.")


def _existing(subject: Subject, facts: StateFacts) -> Finding:
    if facts.mode & (stat.S_IWGRP | stat.S_IWOTH):
        return subject.warning(
            f"Other users can replace the files in {facts.path}, keys and database among them.",
            f"`chmod go-w {facts.path}`.",
        )
    if not facts.owner_is_user:
        return subject.warning(
            f"{facts.path} belongs to another user.",
            "Run Mattebox and this command as that user.",
        )
    if facts.running_pid is not None:
        return subject.ok(f"`mattebox up` runs from {facts.path} (process {facts.running_pid}).")
    return subject.ok(f"{facts.path} is this user's, and no `mattebox up` runs from it.")
