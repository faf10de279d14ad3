"""Jobs with an engine of their own: what comes of them, and that nothing is left of it."""

import io
import json
import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from mattebox.remove.engine import own_engine
from tests.integration.remove.conftest import Command, photo
from tests.integration.segmenter import red_network
from tests.waiting import until

MANY = 400


def put_photos(folder: Path, count: int) -> None:
    folder.mkdir()
    first = folder / "000.png"
    first.write_bytes(photo())
    for number in range(1, count):
        (folder / f"{number:03}.png").hardlink_to(first)


def finished(folder: Path) -> list[Path]:
    return list(folder.glob("*.png")) if folder.is_dir() else []


def assert_all_are_whole(folder: Path) -> None:
    for path in filter(Path.is_file, folder.rglob("*")):
        assert path.suffix == ".png", "something half-written is left"
        assert_is_cut_out(path.read_bytes())


def assert_is_cut_out(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((40, 25)) == (255, 0, 0, 255)
        assert image.getpixel((90, 60)) == (0, 0, 0, 0)


async def test_a_folder_is_cut_out_and_a_bad_picture_fails_alone(command: Command) -> None:
    put_photos(command.folder / "p", 3)
    (command.folder / "p" / "deep").mkdir()
    (command.folder / "p" / "deep" / "x.webp").write_bytes(photo())
    (command.folder / "p" / "bad.jpg").write_bytes(b"no picture")

    ended = await command.run("p", "--out", "o", "--json", *command.own_engine)

    assert ended.code == 1
    out = command.folder / "o"
    cut_outs = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert cut_outs == {"000.png", "001.png", "002.png", "deep/x.png"}
    assert_all_are_whole(out)
    starting, failure, summary = ended.err.splitlines()
    assert starting == "starting the engine …"
    assert failure.startswith("p/bad.jpg: invalid_image: The bytes are no image of a known format.")
    assert summary.startswith("4 done, 1 failed in ")
    records = [json.loads(line) for line in ended.out.splitlines()]
    assert {each["status"] for each in records} == {"done", "failed"}
    assert len(records) == 5
    await command.await_no_engine()


async def test_a_picture_goes_through_a_pipe(command: Command) -> None:
    ended = await command.run_on(photo(), "-", "--quiet", *command.own_engine)

    assert (ended.code, ended.err) == (0, "")
    assert_is_cut_out(ended.out)


async def test_options_reach_the_engine(command: Command) -> None:
    (command.folder / "a.png").write_bytes(photo())

    options = ("--bg-color", "teal", "--crop", "--out", "x.jpg")
    ended = await command.run("a.png", *options, *command.own_engine)

    assert ended.code == 0, ended.err
    with Image.open(command.folder / "x.jpg") as image:
        assert image.format == "JPEG"
        assert image.size < (96, 64)


async def test_a_colour_that_is_none_is_wrong_usage(command: Command) -> None:
    (command.folder / "a.png").write_bytes(photo())

    ended = await command.run("a.png", "--bg-color", "no colour", *command.own_engine)

    assert ended.code == 2
    assert "invalid_bg_color" in ended.err


async def test_ctrl_c_leaves_nothing_half_written_and_the_job_goes_on_from_there(
    command: Command,
) -> None:
    put_photos(command.folder / "p", MANY)
    out = command.folder / "o"
    process = await command.start("p", "--out", "o", *command.own_engine)
    await until(lambda: len(finished(out)) >= 3)

    process.send_signal(signal.SIGINT)
    ended = await command.end(process)

    assert ended.code == 130
    assert "--resume goes on from there" in ended.err
    assert command.engines() == []
    before = len(finished(out))
    assert before < MANY
    assert_all_are_whole(out)

    again = await command.run("p", "--out", "o", "--resume", *command.own_engine)
    assert again.code == 0
    assert f"{MANY - before} done, {before} there already in " in again.err
    assert len(finished(out)) == MANY
    assert_all_are_whole(out)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_other_signals_end_it_as_orderly(command: Command, number: signal.Signals) -> None:
    put_photos(command.folder / "p", MANY)
    process = await command.start("p", "--out", "o", *command.own_engine)
    await until(lambda: len(finished(command.folder / "o")) >= 1)

    process.send_signal(number)

    assert (await command.end(process)).code == 128 + number
    assert command.engines() == []
    assert_all_are_whole(command.folder / "o")


async def test_ctrl_c_while_the_engine_starts_ends_it_too(command: Command) -> None:
    put_photos(command.folder / "p", 1)
    process = await command.start("p", *command.own_engine)
    await until(lambda: bool(command.engines()))

    process.send_signal(signal.SIGINT)

    assert (await command.end(process)).code == 130
    assert command.engines() == []


async def test_an_engine_ends_with_its_context_and_not_only_with_the_process(
    command: Command,
) -> None:
    async with own_engine(red_network.NAME, command.repository, 2) as engine:
        assert command.engines()
        assert not engine.ended.done()

    assert command.engines() == []


async def test_an_engine_does_not_outlive_a_command_that_is_killed(command: Command) -> None:
    put_photos(command.folder / "p", MANY)
    process = await command.start("p", "--out", "o", *command.own_engine)
    await until(lambda: len(finished(command.folder / "o")) >= 1)
    assert command.engines()

    process.kill()

    await command.end(process)
    await command.await_no_engine()


async def test_a_job_whose_engine_dies_says_so_and_ends(command: Command) -> None:
    put_photos(command.folder / "p", MANY)
    process = await command.start("p", "--out", "o", *command.own_engine)
    await until(lambda: len(finished(command.folder / "o")) >= 1)

    for pid in command.engines():
        os.kill(pid, signal.SIGKILL)
    ended = await command.end(process)

    assert ended.code == 1
    assert "The engine ended with exit code 137" in ended.err
    assert "--resume" in ended.err
    assert_all_are_whole(command.folder / "o")


async def test_an_engine_that_does_not_come_up_tells_its_last_lines(command: Command) -> None:
    put_photos(command.folder / "p", 1)

    wrong = {"MATTEBOX_SEGMENTER_BATCH_MAX_RUNNING": "none"}
    ended = await command.run("p", *command.own_engine, **wrong)

    assert ended.code == 1
    assert "The engine ended with exit code 2" in ended.err
    assert "MATTEBOX_SEGMENTER_BATCH_MAX_RUNNING" in ended.err


async def test_a_model_that_is_not_installed_is_named_with_what_to_do(command: Command) -> None:
    put_photos(command.folder / "p", 1)

    ended = await command.run("p", "--model-repository", "m")

    assert ended.code == 1
    assert "The model u2netp is not installed" in ended.err
    assert "mattebox models install u2netp" in ended.err


async def test_settings_of_tls_are_not_those_of_the_engine(command: Command) -> None:
    put_photos(command.folder / "p", 1)

    served = {"MATTEBOX_SEGMENTER_GRPC_TLS_CERT": "c", "MATTEBOX_SEGMENTER_GRPC_TLS_KEY": "k"}
    ended = await command.run("p", *command.own_engine, **served)

    assert ended.code == 0, ended.err
