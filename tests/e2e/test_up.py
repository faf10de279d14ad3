"""`mattebox up` as its operator sees it: all services, real, around a small network."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image

from mattebox.up import triton_wheel
from mattebox.up.http_status import http_status
from tests import toy_network
from tests.processes import await_end

pytestmark = pytest.mark.e2e

SHM = Path("/dev/shm")  # noqa: S108 - where Linux keeps it


class Up:
    """A `mattebox up` in this test's hands."""

    def __init__(self, folder: Path, *options: str, stderr: int = subprocess.PIPE) -> None:
        self.ready_file = folder / "ready.json"
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from mattebox.cli import main; main()", "up"),
                *("--port=0", "--grpc-port=0", "--metrics-port=0", "--model=toy"),
                f"--model-repository={folder / 'models'}",
                f"--state-dir={folder / 'state'}",
                f"--ready-file={self.ready_file}",
                *options,
            ],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def await_ready(self) -> dict[str, Any]:
        """Waits until all is up; returns the facts."""
        assert self.process.stdout is not None
        printed = self.process.stdout.readline()
        assert printed, self.process.communicate()[1]
        facts: dict[str, Any] = json.loads(printed)
        assert facts == json.loads(self.ready_file.read_text())
        return facts

    def await_said(self, sentence: str) -> None:
        """Waits until it says so among the logs."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if sentence in line:
                return
        raise AssertionError(f"it ended without a word of {sentence!r}")

    def await_healthy(self) -> dict[str, Any]:
        """Waits until requests can be served; returns the facts of the file."""
        facts: dict[str, Any] = json.loads(self.ready_file.read_text())
        while http_status(f"{facts['http']}/v2/health", timeout_s=10) != 200:
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"it ended with {self.process.wait(timeout=0.1)}")
        return facts

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        os.killpg(self.process.pid, number)  # as a terminal does on Ctrl-C
        self.process.communicate()
        return self.process.returncode

    def shared_memory(self) -> list[Path]:
        return list(SHM.glob(f"mattebox-{self.process.pid}-*"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    toy_network.install(tmp_path / "models", "toy")
    return tmp_path


@pytest.fixture
def ups() -> Iterator[list[Up]]:
    started: list[Up] = []
    yield started
    for up in started:
        if up.process.poll() is None:
            up.process.kill()
            up.process.wait()
        for stream in (up.process.stdout, up.process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def needs_triton() -> None:
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        pytest.skip(reason)


def photo() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


def cut_out(facts: dict[str, Any], key: str | None = None) -> Image.Image:
    head = b'--x\r\nContent-Disposition: form-data; name="image_file"; filename="p.jpg"\r\n\r\n'
    request = Request(
        f"{facts['http']}/v2",
        data=head + photo() + b"\r\n--x--\r\n",
        headers={
            "x-api-key": key or facts["api_key"],
            "Content-Type": "multipart/form-data; boundary=x",
        },
    )
    with urlopen(request) as answer:
        return Image.open(BytesIO(answer.read()))


def status(facts: dict[str, Any], key: str) -> int:
    """Asks for the account of a key; returns what HTTP says to that."""
    try:
        with urlopen(Request(f"{facts['http']}/v2/account", headers={"x-api-key": key})) as answer:
            code: int = answer.status
            return code
    except HTTPError as error:
        with error:
            return error.code


def command(*arguments: str) -> str:
    """Runs a command that must succeed; returns what it prints."""
    program = [sys.executable, "-c", "from mattebox.cli import main; main()"]
    return subprocess.run([*program, *arguments], capture_output=True, text=True, check=True).stdout


def page(url: str) -> str:
    with urlopen(url) as answer:
        text: str = answer.read().decode()
        return text


@pytest.mark.usefixtures("needs_triton")
def test_it_serves_with_triton_and_leaves_nothing_behind(folder: Path, ups: list[Up]) -> None:
    up = Up(folder)
    ups.append(up)
    facts = up.await_ready()

    assert facts["engine"] == "triton"
    assert facts["model"] == "toy"
    assert list(facts["pids"]) == ["triton", "segmenter", "gateway"]
    image = cut_out(facts)
    assert (image.size, image.mode, image.format) == ((64, 48), "RGBA", "PNG")
    assert json.loads(page(f"{facts['http']}/v2/health"))["status"] == "ok"
    assert "# HELP" in page(facts["metrics"])
    assert "# HELP" in page(facts["segmenter_metrics"])
    assert up.shared_memory()

    assert up.stop() == 0

    for pid in facts["pids"].values():
        await_end(pid)
    assert not up.ready_file.exists()
    assert not up.shared_memory()


def test_it_serves_with_the_engine_in_process(folder: Path, ups: list[Up]) -> None:
    up = Up(folder, "--engine=onnxruntime")
    ups.append(up)
    facts = up.await_ready()

    assert facts["engine"] == "onnxruntime"
    assert list(facts["pids"]) == ["segmenter", "gateway"]
    assert cut_out(facts).size == (64, 48)
    assert up.stop(signal.SIGINT) == 0


@pytest.mark.usefixtures("needs_triton")
def test_on_a_terminal_its_services_write_for_people(folder: Path, ups: list[Up]) -> None:
    near, far = pty.openpty()
    ups.append(Up(folder, "--engine=onnxruntime", stderr=far))
    os.close(far)
    shown: list[bytes] = []
    reader = Thread(target=_read_terminal, args=(near, shown))
    reader.start()

    cut_out(ups[-1].await_ready())

    assert ups[-1].stop() == 0
    reader.join()
    text = b"".join(shown).decode()
    lines = re.sub(r"\x1b\[\d+m", "", text).splitlines()
    assert any(re.search(r" info +request +\w+ status=200 code=ok ", line) for line in lines)
    assert any(re.search(r" info +call +\w+ code=OK ", line) for line in lines)
    assert text.count("\x1b[") > len(lines)
    assert "{" not in text


def _read_terminal(near: int, shown: list[bytes]) -> None:
    with contextlib.suppress(OSError):  # the far end is closed
        while text := os.read(near, 4096):
            shown.append(text)
    os.close(near)


def test_a_log_in_a_file_stays_for_machines(folder: Path, ups: list[Up]) -> None:
    with (folder / "log").open("wb") as file:
        ups.append(Up(folder, "--engine=onnxruntime", stderr=file.fileno()))
    cut_out(ups[-1].await_ready())
    assert ups[-1].stop() == 0

    lines = (folder / "log").read_text().splitlines()
    told = [json.loads(line) for line in lines if not line.startswith("mattebox: ")]
    assert {"request", "call"} <= {line["event"] for line in told}


@pytest.mark.parametrize("service", ["triton", "segmenter", "gateway"])
def test_a_service_that_was_killed_serves_again(folder: Path, ups: list[Up], service: str) -> None:
    up = Up(folder)
    ups.append(up)
    before = up.await_ready()

    os.kill(before["pids"][service], signal.SIGKILL)
    up.await_said(f"{service} is up again")

    after = up.await_healthy()
    assert cut_out(after).size == (64, 48)
    assert after["pids"].pop(service) != before["pids"].pop(service)
    assert after == before
    assert up.stop() == 0


def test_each_start_makes_a_new_key_and_revokes_the_last(folder: Path, ups: list[Up]) -> None:
    ups.append(Up(folder, "--engine=onnxruntime"))
    first_key = ups[0].await_ready()["api_key"]
    assert ups[0].stop() == 0
    ups.append(Up(folder, "--engine=onnxruntime"))
    facts = ups[1].await_ready()

    assert cut_out(facts).size == (64, 48)
    with pytest.raises(HTTPError) as refused:
        cut_out(facts, key=first_key)
    refused.value.close()

    assert refused.value.code == 401


def test_a_second_one_on_the_same_state_is_refused_and_the_first_goes_on(
    folder: Path, ups: list[Up]
) -> None:
    ups.append(Up(folder, "--engine=onnxruntime"))
    facts = ups[0].await_ready()
    ups.append(Up(folder, "--engine=onnxruntime"))

    _, said = ups[1].process.communicate()

    assert ups[1].process.returncode == 1
    assert said.startswith(f"mattebox: Another `mattebox up` (process {ups[0].process.pid}) uses")
    assert json.loads(ups[0].ready_file.read_text()) == facts
    assert cut_out(facts).size == (64, 48)


def test_a_service_that_does_not_come_up_is_named_with_its_last_words(
    folder: Path, ups: list[Up], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTEBOX_SEGMENTER_LOG_LEVEL", "loud")
    ups.append(Up(folder, "--engine=onnxruntime"))

    printed, said = ups[0].process.communicate()

    assert ups[0].process.returncode == 1
    assert printed == ""
    last_words = said.partition("mattebox: The start failed: segmenter ended with exit code 2.")[2]
    assert "MATTEBOX_SEGMENTER_LOG_LEVEL" in last_words


def test_commands_change_what_a_running_one_accepts(folder: Path, ups: list[Up]) -> None:
    ups.append(Up(folder, "--engine=onnxruntime"))
    facts = ups[0].await_ready()
    state_dir = f"--state-dir={folder / 'state'}"

    command("accounts", "create", "ann@example.com", state_dir)
    key = command("keys", "create", "--account=ann@example.com", "--quiet", state_dir).strip()
    image = cut_out(facts, key)
    key_id = key.split("_")[2]
    usage = ""
    while key_id not in usage:  # it is written every other second
        usage = command("keys", "usage", f"--key={key_id}", "--csv", state_dir)
    command("keys", "revoke", key_id, state_dir)
    while status(facts, key) != 401:
        time.sleep(0.1)

    assert image.size == (64, 48)
    assert usage.splitlines()[1].split(",")[1:] == [key_id, "ann@example.com", "1", "0.003072"]
    assert ups[0].stop() == 0


@pytest.mark.usefixtures("needs_triton")
def test_when_it_is_killed_nothing_is_left_of_it(folder: Path, ups: list[Up]) -> None:
    ups.append(Up(folder))
    facts = ups[0].await_ready()

    ups[0].process.kill()

    for pid in facts["pids"].values():
        await_end(pid)
