"""The process as operators start it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from tests.integration.segmenter import red_network

PATIENCE_S = 60.0

# Tells what the collector keeps for good as soon as it is asked to.
PROGRAM = """
import gc
from segmenter import main

freeze = gc.freeze

def told():
    freeze()
    print(gc.get_freeze_count(), flush=True)

gc.freeze = told
main.main()
"""


async def test_once_it_serves_what_it_has_is_kept_for_good(red_repository: Path) -> None:
    settings = {
        "GRPC_PORT": 0,
        "METRICS_PORT": 0,
        "ENGINE_KIND": "onnxruntime",
        "ENGINE_MODEL_REPOSITORY": red_repository,
        "ENGINE_MODELS": red_network.NAME,
    }
    environment = {name: value for name, value in os.environ.items() if "MATTEBOX_" not in name}
    environment |= {f"MATTEBOX_SEGMENTER_{name}": str(value) for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=environment, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            kept = int(await process.stdout.readline())
            events = b""
            while b'"serving"' not in events:
                events += await process.stderr.readline()
        process.terminate()
        rest, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert kept > 20_000
    assert rest == b""
