"""Cuts the subjects out of all photos in a folder, four at a time, with asyncio.

To run it:

    pip install '.[client]'
    export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
    python examples/python_folder.py photos/ cut-outs/
"""

import asyncio
import sys
from pathlib import Path

from mattebox.client import AsyncClient, MatteboxError

AT_A_TIME = 4


async def remove_all(sources: list[Path], folder: Path) -> int:
    """Cuts out all of ``sources`` into ``folder``; returns how many failed."""
    turns = asyncio.Semaphore(AT_A_TIME)

    async with AsyncClient.from_environment() as client:

        async def remove(source: Path) -> bool:
            # Only those whose turn it is hold their image in memory.
            async with turns:
                try:
                    cut_out = await client.remove(source)
                    await asyncio.to_thread(cut_out.save, folder / f"{source.name}.png")
                except (MatteboxError, OSError) as error:
                    print(f"{source}: {error}", file=sys.stderr)
                    return False
                return True

        done = await asyncio.gather(*map(remove, sources))
    return done.count(False)


photos = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_file())
cut_outs = Path(sys.argv[2])
cut_outs.mkdir(parents=True, exist_ok=True)
failed = asyncio.run(remove_all(photos, cut_outs))
print(f"{len(photos) - failed} done, {failed} failed")
sys.exit(failed > 0)
