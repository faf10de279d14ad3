"""Hostile files through the real HTTP API by all ways in: every answer is a picture or a refusal.

`python -m benchmarks.hostile_files` does the same with thousands, and watches memory.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import cycle

import pytest
from benchmarks.hostile.bombs import BOMBS
from benchmarks.hostile.census import Census, census, differences
from benchmarks.hostile.corpus import NOT_FOUND, CorpusFile, corpus_folder, read_corpus
from benchmarks.hostile.host import image_host
from benchmarks.hostile.mutations import mutated
from benchmarks.hostile.sender import Answered, Case, Sender
from benchmarks.hostile.verdict import problems
from benchmarks.hostile.ways import Way

from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from tests.fuzz import pictures
from tests.integration.segmenter import red_network
from tests.running_service import RunningService, running_service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="guarded children need Linux"),
]

_CLIENTS = 4
_SEED = 7
_BROKEN_SEEDS, _BROKEN_FILES = 120, 300


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningService, Sender]]:
    folder = tmp_path_factory.mktemp("up")
    red_network.install(folder / "models")
    with image_host() as host:
        environment = {
            "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
            "MATTEBOX_GATEWAY_FETCH_PORTS": str(host.port),
            # With it the same picture has the same bytes, whatever comes with it.
            "MATTEBOX_CPU_RUNTIME": "onnxruntime",
        }
        models = (red_network.NAME,)
        with running_service(
            folder, folder / "models", "onnxruntime", environment, models
        ) as running:
            facts = running.facts
            yield running, Sender(facts["http"], facts["api_key"], host, _CLIENTS)


@pytest.fixture
def sender(service: tuple[RunningService, Sender]) -> Iterator[Sender]:
    """Sends, and sees to it that the service is none the worse for it."""
    running, sender = service
    before = counted(running)
    yield sender
    after = counted(running)
    # How memory grows over thousands of files is the benchmark's business.
    assert differences(before, replace(after, memory_bytes=before.memory_bytes)) == []


@pytest.fixture(scope="module")
def files() -> list[CorpusFile]:
    folder = corpus_folder()
    if folder is None:
        pytest.skip(NOT_FOUND)
    return read_corpus(folder)


def counted(running: RunningService) -> Census:
    return census(running.process.pid, running.facts["pids"])


def case(name: str, image: bytes, way: Way) -> Case:
    return Case(name, "test", image, way)


def offences(answers: Iterable[Answered]) -> list[tuple[str, Way, str]]:
    """What breaks a promise, and answers that differ from an earlier one to the same image."""
    first: dict[str, str] = {}
    found = []
    for each in answers:
        told = problems(each.reply)
        if first.setdefault(each.case.name, each.digest) != each.digest:
            told.append("another answer than before")
        found += [(each.case.name, each.case.way, problem) for problem in told]
    return found


def test_bombs_are_answered_as_they_should_be(sender: Sender) -> None:
    images = {name: bomb.make() for name, bomb in BOMBS.items()}
    cases = [case(name, image, way) for name, image in images.items() for way in Way]

    answers = list(sender.answers(cases))

    assert offences(answers) == []
    pictures_sent = {name for name, bomb in BOMBS.items() if not bomb.reasons}
    assert {each.case.name for each in answers if each.reply.status == 200} == pictures_sent


def test_pictures_of_all_formats_broken_in_all_ways(sender: Sender) -> None:
    pictures.set_up()
    seeds = list(pictures.seeds())
    install_pillow_limits(ImageLimits())
    ways = cycle(Way)
    broken = [
        mutated(seeds[number % len(seeds)], seeds[number // 2 % len(seeds)], _SEED + number)[1]
        for number in range(_BROKEN_SEEDS)
    ]

    answers = list(
        sender.answers(
            case(str(number), image, next(ways))
            for number, image in enumerate([*seeds, *broken])
            for _ in range(2)
        )
    )

    assert offences(answers) == []
    # The seeds themselves are pictures.
    assert {each.reply.status for each in answers[: 2 * len(seeds)]} == {200}


def test_every_file_of_the_corpus(sender: Sender, files: list[CorpusFile]) -> None:
    ways = cycle(Way)

    answers = sender.answers(case(file.name, file.data, next(ways)) for file in files)

    assert offences(answers) == []


def test_files_of_the_corpus_broken_further(sender: Sender, files: list[CorpusFile]) -> None:
    ways = cycle(Way)
    step = len(files) // _BROKEN_FILES

    answers = sender.answers(
        case(
            f"{file.name}, broken by {_SEED + number}",
            mutated(file.data, files[number].data, _SEED + number)[1],
            next(ways),
        )
        for number, file in enumerate(files[::step])
    )

    assert offences(answers) == []
