import asyncio
from collections.abc import Iterator
from pathlib import Path, PurePath

import pytest

from mattebox.client import CutOut, InvalidApiKeyError, InvalidImageError, MatteboxError
from mattebox.remove.asking import Asking
from mattebox.remove.errors import PictureError, StopJobError
from mattebox.remove.job import Job
from mattebox.remove.outcome import Done, Failed, Outcome, Picture, Skipped
from mattebox.remove.pace import Pace
from mattebox.remove.sources import FileSource, Source
from mattebox.remove.standing import Standing
from tests.unit.mattebox.remove.fakes import FakeRemover, Naps, cut_out
from tests.waiting import until


class Work:
    """A job over a few pictures that stand nowhere, and what it has told and held."""

    def __init__(
        self, folder: Path, remover: FakeRemover, *, jobs: int = 2, **standing: bool
    ) -> None:
        self.folder = folder
        self.remover = remover
        self.outcomes: list[Outcome] = []
        self.taken = 0
        self.held = 0
        self.most_held = 0
        self.read_first: list[str] = []
        asking = Asking(remover, Pace(jobs), lambda *_: None, sleep=Naps())
        self.job = Job(asking, self._read, self._note, jobs=jobs, standing=Standing(**standing))

    def pictures(self, count: int) -> Iterator[Picture]:
        for number in range(count):
            self.taken += 1
            source = FileSource(self.folder / f"{number}.jpg", PurePath(f"{number}.jpg"))
            yield Picture(source, self.folder / "out" / f"{number}.png")

    async def _read(self, source: Source) -> bytes:
        if source.label.endswith("unreadable.jpg"):
            raise PictureError("cannot_read", "No.", "Look.")
        self.held += 1
        self.most_held = max(self.most_held, self.held)
        return source.label.encode()

    def _note(self, outcome: Outcome) -> None:
        self.held -= isinstance(outcome, Done)
        self.outcomes.append(outcome)


async def test_every_picture_becomes_a_cut_out_with_its_folder(tmp_path: Path) -> None:
    work = Work(tmp_path, FakeRemover())

    await work.job.run(work.pictures(5))

    assert [type(outcome) for outcome in work.outcomes] == [Done] * 5
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == {f"{number}.png": b"a cut-out" for number in range(5)}


async def test_no_more_pictures_are_in_memory_than_are_worked_on(tmp_path: Path) -> None:
    work = Work(tmp_path, FakeRemover(), jobs=3)
    work.remover.gate.clear()
    running = asyncio.create_task(work.job.run(work.pictures(50)))
    await until(lambda: work.remover.running == 3)

    # The list is walked no further than the work is.
    assert work.taken == 3
    work.remover.gate.set()
    await running

    assert work.remover.most_running == work.most_held == 3
    assert len(work.outcomes) == 50


async def test_a_picture_fails_alone(tmp_path: Path) -> None:
    def answer(number: int) -> CutOut | MatteboxError:
        return InvalidImageError("Broken") if number == 2 else cut_out()

    work = Work(tmp_path, FakeRemover(answer), jobs=1)

    await work.job.run(work.pictures(3))

    done, failed, also_done = work.outcomes
    assert isinstance(done, Done)
    assert isinstance(failed, Failed)
    assert (failed.code, failed.message) == ("invalid_image", "Broken.")
    assert isinstance(also_done, Done)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["0.png", "2.png"]


async def test_one_that_cannot_be_read_or_written_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    work = Work(tmp_path, FakeRemover())
    sources = [
        FileSource(Path("unreadable.jpg"), PurePath("unreadable.jpg")),
        FileSource(Path("a.jpg"), PurePath("a.jpg")),
        FileSource(Path("b.jpg"), PurePath("b.jpg")),
    ]
    targets = [tmp_path / "x.png", tmp_path / "file" / "a.png", tmp_path / "b.png"]
    pictures = (Picture(*pair) for pair in zip(sources, targets, strict=True))

    await work.job.run(pictures)

    codes = {each.code for each in work.outcomes if isinstance(each, Failed)}
    assert codes == {"cannot_read", "cannot_write"}
    assert (tmp_path / "b.png").exists()


async def test_what_nobody_has_foreseen_is_one_pictures_failure(tmp_path: Path) -> None:
    def answer(number: int) -> CutOut | MatteboxError:
        if number == 2:
            raise ZeroDivisionError("a secret")
        return cut_out()

    work = Work(tmp_path, FakeRemover(answer), jobs=1)

    await work.job.run(work.pictures(3))

    done, failed, also_done = work.outcomes
    assert isinstance(failed, Failed)
    assert failed.code == "internal_error"
    assert "ZeroDivisionError" in failed.message
    assert "secret" not in failed.message + failed.advice
    assert isinstance(done, Done)
    assert isinstance(also_done, Done)


async def test_a_list_that_breaks_off_stops_the_job(tmp_path: Path) -> None:
    def pictures() -> Iterator[Picture]:
        yield from work.pictures(1)
        raise RecursionError("deep")

    work = Work(tmp_path, FakeRemover(), jobs=1)

    with pytest.raises(StopJobError, match="RecursionError"):
        await work.job.run(pictures())

    assert [type(outcome) for outcome in work.outcomes] == [Done]


async def test_a_key_that_is_refused_stops_the_job_and_all_that_is_under_way(
    tmp_path: Path,
) -> None:
    work = Work(tmp_path, FakeRemover(lambda _: InvalidApiKeyError("Invalid.")), jobs=4)

    with pytest.raises(StopJobError, match=r"invalid_api_key: Invalid\. Look at --key"):
        await work.job.run(work.pictures(100))

    assert work.outcomes == []
    assert len(work.remover.images) <= 4
    assert work.remover.running == 0


async def test_resuming_leaves_out_what_is_there_and_tries_again_what_failed(
    tmp_path: Path,
) -> None:
    def answer(number: int) -> CutOut | MatteboxError:
        return InvalidImageError("Broken") if number == 2 else cut_out()

    await (first := Work(tmp_path, FakeRemover(answer), jobs=1)).job.run(first.pictures(3))
    for number in range(3):
        # Older than its cut-out, as long as nobody touches it.
        (tmp_path / f"{number}.jpg").touch()
    (tmp_path / "out" / "0.png").write_bytes(b"newer")
    (tmp_path / "out" / "2.png").write_bytes(b"")

    again = Work(tmp_path, FakeRemover(), jobs=1, resume=True)
    await again.job.run(again.pictures(3))

    assert [type(outcome) for outcome in again.outcomes] == [Skipped, Done, Done]
    assert (tmp_path / "out" / "0.png").read_bytes() == b"newer"
    assert again.remover.images == [str(tmp_path / f"{n}.jpg").encode() for n in (1, 2)]


@pytest.mark.parametrize(
    ("overwrite", "left", "ends", "asked"),
    [(False, b"old", Failed, 1), (True, b"a cut-out", Done, 2)],
)
async def test_what_stands_there_is_replaced_only_where_it_is_said(
    tmp_path: Path, overwrite: bool, left: bytes, ends: type[Outcome], asked: int
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "0.png").write_bytes(b"old")
    work = Work(tmp_path, FakeRemover(), jobs=1, overwrite=overwrite)

    await work.job.run(work.pictures(2))

    assert (tmp_path / "out" / "0.png").read_bytes() == left
    assert [type(outcome) for outcome in work.outcomes] == [ends, Done]
    assert len(work.remover.images) == asked


async def test_what_somebody_else_puts_there_meanwhile_stays(tmp_path: Path) -> None:
    work = Work(tmp_path, FakeRemover(), jobs=1)
    work.remover.gate.clear()
    running = asyncio.create_task(work.job.run(work.pictures(1)))
    await until(lambda: work.remover.running == 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "0.png").write_bytes(b"another's")
    work.remover.gate.set()
    await running

    (failed,) = work.outcomes
    assert isinstance(failed, Failed)
    assert failed.code == "already_there"
    assert [path.read_bytes() for path in (tmp_path / "out").iterdir()] == [b"another's"]


async def test_a_job_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    def left() -> list[Path]:
        return list(tmp_path.rglob("*"))

    work = Work(tmp_path, FakeRemover())
    work.remover.gate.clear()
    running = asyncio.create_task(work.job.run(work.pictures(9)))
    await until(lambda: work.remover.running == 2)

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.remover.running == 0
    assert left() == []
