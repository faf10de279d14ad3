"""Whether a running service does what it is for."""

from mattebox.doctor.facts.service import Answer, ServiceFacts
from mattebox.doctor.finding import Finding, Subject, Topic

_PNG = b"\x89PNG\r\n\x1a\n"
_HOW = "Pass --url and --key, or --ready-file, to look at a running service."
_HOW_KEY = "Pass --key, or set MATTEBOX_KEY."
_HOW_GRPC = "Pass --grpc HOST:PORT to ask a segmenter."


def health(facts: ServiceFacts) -> Finding:
    """Whether requests can be served."""
    subject = Subject("health", Topic.SERVICE)
    if facts.health is None:
        return subject.not_checked("No service was named.", _HOW)
    status = facts.health.status
    if status is None:
        return subject.problem(
            f"{facts.url} does not answer: {facts.health.failure}.",
            "Start it with `mattebox up`, or correct --url (https where it has a certificate).",
        )
    if status == 200:
        return subject.ok(f"{facts.url} can serve requests.")
    if status == 503:
        return subject.problem(
            f"{facts.url} answers, and cannot serve: its segmenter is away, or it is stopping.",
            "See the log of the segmenter, and its metrics page /ready.",
        )
    return subject.problem(
        f"{facts.url} answers its health with {status}, which Mattebox never does.",
        "Correct --url: it is the address without a path, such as http://127.0.0.1:8080.",
    )


def key(facts: ServiceFacts) -> Finding:
    """Whether the key is known."""
    subject = Subject("API key", Topic.SERVICE)
    if facts.account is None:
        return _not_asked(subject, facts)
    status = facts.account.status
    if status == 200:
        account = facts.account.json.get("account")
        email = account.get("email") if isinstance(account, dict) else None
        return subject.ok(f"It is a key of {email}.")
    if status == 401:
        return subject.problem(
            "The service does not know this key.",
            "`mattebox keys list` shows those that are active; `mattebox keys create` makes one."
            " Each `mattebox up` prints a new key and revokes that of the last start.",
        )
    if status == 403:
        return subject.problem(
            f"The key is refused ({facts.account.error_code}).",
            "`mattebox keys list` shows why; `mattebox accounts activate EMAIL` ends a suspension.",
        )
    return _unforeseen(subject, facts.account)


def cut_out(facts: ServiceFacts) -> Finding:
    """Whether a picture comes back as one."""
    subject = Subject("cut-out", Topic.SERVICE)
    if facts.cut_out is None:
        return _not_asked(subject, facts)
    if facts.cut_out.status == 200 and facts.cut_out.body.startswith(_PNG):
        return subject.ok("A small picture came back cut out.")
    if facts.cut_out.status == 429:
        return subject.warning(
            "The key's limit of this minute is used up.",
            "Try again in a minute; `mattebox plans list` shows the limits.",
        )
    return _unforeseen(subject, facts.cut_out)


def segmenter(facts: ServiceFacts) -> Finding:
    """Whether a segmenter takes calls."""
    subject = Subject("segmenter", Topic.SERVICE)
    if facts.segmenter is None:
        return subject.not_checked("None was named.", _HOW_GRPC)
    if facts.segmenter == "SERVING":
        return subject.ok(f"{facts.grpc} is serving.")
    if facts.segmenter.isupper():
        return subject.problem(
            f"{facts.grpc} answers, and is {facts.segmenter}.",
            "Its engine is not ready: see its log, and that of Triton.",
        )
    return subject.problem(
        f"{facts.grpc} does not answer: {facts.segmenter}.",
        "See that it runs, and that --grpc names its host and port; one with TLS is not asked.",
    )


def _not_asked(subject: Subject, facts: ServiceFacts) -> Finding:
    if facts.health is None:
        return subject.not_checked("No service was named.")
    if facts.health.status is None:
        return subject.not_checked("The service does not answer.")
    if facts.account is not None:
        return subject.not_checked("The key has to be accepted first.")
    return subject.not_checked("No key was named.", _HOW_KEY)


def _unforeseen(subject: Subject, answer: Answer) -> Finding:
    if answer.status is None:
        what = f"No answer came: {answer.failure}."
    else:
        code = f" ({answer.error_code})" if answer.error_code else ""
        what = f"The answer was {answer.status}{code}."
    return subject.problem(what, "See the gateway's log; docs/api.md lists what each code means.")
