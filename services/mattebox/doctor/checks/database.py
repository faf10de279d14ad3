"""Whether keys can be looked up."""

from mattebox.doctor.facts.database import DatabaseFacts
from mattebox.doctor.finding import Finding, Subject, Topic

_MIGRATE = "MATTEBOX_GATEWAY_DATABASE_MIGRATE"


def database(facts: DatabaseFacts | None) -> Finding:
    """Whether it answers, and has the schema of this version."""
    subject = Subject("database", Topic.DATABASE)
    if facts is None:
        return subject.not_checked("Where it is goes by settings, which are wrong.")
    if facts.problem:
        return subject.problem(
            facts.problem,
            "Start it, or correct MATTEBOX_GATEWAY_DATABASE_URL (host, port, user, password, name);"
            " for a file see that this user may read and write it.",
        )
    if not facts.is_there:
        return subject.ok(f"{facts.place} will be made at the first start.")
    if not facts.is_outdated:
        return subject.ok(f"{facts.place} answers, and has the schema of this version.")
    if facts.migrates:
        return subject.ok(f"{facts.place} answers; the next start brings its schema up to date.")
    return subject.problem(
        f"{facts.place} has an older schema, and {_MIGRATE} is false.",
        f"Start one gateway with {_MIGRATE}=true, after a backup.",
    )


def pepper(facts: DatabaseFacts | None) -> Finding:
    """Whether the secret is there under which keys are hashed."""
    subject = Subject("pepper", Topic.PEPPER)
    if facts is None or facts.pepper is None:
        return subject.not_checked("It goes by the database, which is not known.")
    found = facts.pepper
    if found.problem:
        return subject.problem(
            _sentence(found.problem),
            "No other one recognises the keys of this database: restore it with that from one"
            " backup.",
        )
    if not found.is_there and facts.is_there:
        return subject.problem(
            f"{found.place} is not there, and its database is: none of the keys in it would be"
            " recognised.",
            "Restore it from the backup that the database comes from.",
        )
    if not found.is_there:
        return subject.ok(f"{found.place} will be made with the database.")
    if found.is_open_to_others:
        return subject.warning(
            f"Other users can read {found.place}.", f"`chmod 600 {found.place}`."
        )
    return subject.ok(f"{found.place} holds one.")


def _sentence(problem: str) -> str:
    return problem[:1].upper() + problem[1:]
