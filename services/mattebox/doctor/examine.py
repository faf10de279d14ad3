"""The examination, readable top to bottom: facts are gathered, and checks judge them."""

from collections.abc import Sequence

from mattebox.doctor.asked import Asked
from mattebox.doctor.checks import database as database_checks
from mattebox.doctor.checks import engine as engine_checks
from mattebox.doctor.checks import machine as machine_checks
from mattebox.doctor.checks import models as model_checks
from mattebox.doctor.checks import ports as port_checks
from mattebox.doctor.checks import service as service_checks
from mattebox.doctor.checks import settings as settings_checks
from mattebox.doctor.checks import state as state_checks
from mattebox.doctor.facts import database, engine, machine, models, ports, service, settings, state
from mattebox.doctor.finding import Finding


def examine(asked: Asked) -> Sequence[Finding]:
    """Looks at all there is, and changes nothing."""
    up = asked.up
    engine_facts = engine.gather(up.engine)
    settings_facts = settings.gather()
    machine_facts = machine.gather(up.threads, settings_facts)
    state_facts = state.gather(up.state_dir)
    gateway = settings_facts.gateway
    database_facts = database.gather(gateway, up.state_dir) if gateway else None
    service_facts = service.gather(asked.running)
    running_pid = state_facts.running_pid
    return [
        *(check(engine_facts) for check in engine_checks.CHECKS),
        *settings_checks.settings(settings_facts),
        *port_checks.ports(ports.gather(up), running_pid),
        *(finding for name in up.models for finding in _model(asked, name)),
        machine_checks.memory(machine_facts, is_running=running_pid is not None),
        machine_checks.shared_memory(machine_facts, up.engine),
        machine_checks.open_files(machine_facts),
        machine_checks.cores(machine_facts),
        state_checks.directory(state_facts),
        state_checks.disk(state_facts),
        database_checks.database(database_facts),
        database_checks.pepper(database_facts),
        service_checks.health(service_facts),
        service_checks.key(service_facts),
        service_checks.cut_out(service_facts),
        service_checks.segmenter(service_facts),
    ]


def _model(asked: Asked, name: str) -> Sequence[Finding]:
    facts = models.gather(name, asked.up.model_repository, run=asked.deep)
    return [model_checks.model(facts), model_checks.answer(facts)]
