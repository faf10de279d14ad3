"""The worker of the guide loses no job, tries again what may pass, and nothing else."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, opened
from tests.contract.guides.front import front
from tests.contract.guides.programs import Programs
from tests.contract.pictures import encoded
from tests.contract.pictures import photo as photo_of_a_cup

pytestmark = pytest.mark.e2e

PAGE, WORKER = "queue-worker", "worker.py"
FORMATS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a photo, and with a file that is none."""
    (tmp_path / "cup.jpg").write_bytes((ROOT / "tests" / "data" / "coffee.jpg").read_bytes())
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    return tmp_path


def states(programs: Programs) -> dict[str, list[str]]:
    """What is written down of each job: its state, its attempts and its problem."""
    rows = (line.split(" ", 3) for line in programs.said(WORKER, "show").splitlines())
    return {name: rest for name, *rest in rows}


def test_jobs_end_as_cut_outs_or_aside(folder: Path, service: Client) -> None:
    with front(service) as counted:
        programs = Programs.of(PAGE, folder, Client(counted.url, service.key))
        programs.said(WORKER, "add", "cup.jpg", "text.jpg", "gone.jpg", "cup.jpg")
        programs.said(WORKER, "work")

    told = states(programs)
    assert told["cup.jpg"] == ["done", "0", "None"]
    assert told["text.jpg"][:2] == ["aside", "0"]
    assert told["text.jpg"][2].startswith("invalid_image req_")
    assert told["gone.jpg"][0] == "aside"
    assert opened((folder / "cut-outs" / "cup.jpg.webp").read_bytes(), "WEBP").size == (600, 400)
    assert counted.asked == 2


def test_photos_stay_and_each_has_a_cut_out_of_its_own(folder: Path, service: Client) -> None:
    photos = ["cup.jpg", "cup.png", "cup.webp", "shop/cup.jpg"]
    (folder / "shop").mkdir()
    sent = {photo: encoded(photo_of_a_cup(), FORMATS[Path(photo).suffix]) for photo in photos}
    for photo, data in sent.items():
        (folder / photo).write_bytes(data)
    programs = Programs.of(PAGE, folder, service)
    programs.said(WORKER, "add", *photos)
    programs.said(WORKER, "work")

    assert {photo: (folder / photo).read_bytes() for photo in photos} == sent
    for photo in photos:
        opened((folder / "cut-outs" / f"{photo}.webp").read_bytes(), "WEBP")


@pytest.mark.parametrize("photo", ["/photos/cup.jpg", "../cup.jpg"])
def test_photos_from_elsewhere_are_refused(folder: Path, service: Client, photo: str) -> None:
    refused = Programs.of(PAGE, folder, service).run(WORKER, "add", photo)
    assert (refused.returncode, refused.stderr) == (1, f"{photo} is not below this folder\n")


def test_a_cut_out_that_cannot_be_written_puts_its_job_aside(folder: Path, service: Client) -> None:
    (folder / "cut-outs").write_bytes(b"no folder")
    (folder / "mug.jpg").write_bytes((folder / "cup.jpg").read_bytes())
    with front(service) as counted:
        programs = Programs.of(PAGE, folder, Client(counted.url, service.key))
        programs.said(WORKER, "add", "cup.jpg", "mug.jpg")
        programs.said(WORKER, "work")
        programs.said(WORKER, "work")

    assert [state for state, *_ in states(programs).values()] == ["aside", "aside"]
    assert counted.asked == 2


def test_a_full_service_costs_a_job_none_of_its_attempts(folder: Path, service: Client) -> None:
    full = (503, {"Retry-After": "1"})
    with front(service, full, full) as counted:
        programs = Programs.of(PAGE, folder, Client(counted.url, service.key))
        programs.said(WORKER, "add", "cup.jpg")
        programs.said(WORKER, "work")
    assert states(programs)["cup.jpg"] == ["done", "0", "None"]
    assert counted.asked == 3


def test_a_failing_service_is_asked_again_and_not_for_ever(folder: Path, service: Client) -> None:
    source = folder / WORKER
    with front(service, *[(502, {})] * 9) as counted:
        programs = Programs.of(PAGE, folder, Client(counted.url, service.key))
        # As on the page, but for the pauses.
        source.write_text(source.read_text().replace("PAUSE_S = 600", "PAUSE_S = 0.01"))
        programs.said(WORKER, "add", "cup.jpg")
        programs.said(WORKER, "work")
    assert states(programs)["cup.jpg"][0] == "aside"
    assert counted.asked == 5


def test_a_wrong_key_stops_the_worker_and_spoils_no_job(folder: Path, service: Client) -> None:
    programs = Programs.of(PAGE, folder, Client(service.url, "mb_live_wrong"))
    programs.said(WORKER, "add", "cup.jpg")
    stopped = programs.run(WORKER, "work")
    assert stopped.returncode == 1
    assert "the key is not good" in stopped.stderr
    assert states(programs)["cup.jpg"][:2] == ["waiting", "0"]

    mended = Programs(folder, service)
    mended.said(WORKER, "work")
    assert states(mended)["cup.jpg"][0] == "done"
