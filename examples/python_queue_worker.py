"""A queue of photos in SQLite, and a worker that empties it and survives outages.

To run it:

    pip install '.[client]'
    python examples/python_queue_worker.py jobs.sqlite3 add photo.jpg cut-out.png
    export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
    python examples/python_queue_worker.py jobs.sqlite3 work
"""

import sqlite3
import sys
import time
from pathlib import Path

from mattebox.client import ApiError, Client, MatteboxError, Retries

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    source TEXT NOT NULL, target TEXT NOT NULL, due_s REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', error TEXT
)
"""
MOST_ATTEMPTS = 5


def work(jobs: sqlite3.Connection, client: Client) -> None:
    """Works until no job waits."""
    waiting = (
        "SELECT rowid, source, target, due_s, attempts FROM jobs "
        "WHERE state = 'waiting' ORDER BY due_s LIMIT 1"
    )
    while job := jobs.execute(waiting).fetchone():
        number, source, target, due_s, attempts = job
        time.sleep(max(0.0, due_s - time.time()))
        try:
            client.remove(Path(source)).save(target)
            state, error, pause_s = "done", None, 0.0
        except (MatteboxError, OSError) as failure:
            # A broken image never becomes a good one; a service that is away comes back.
            may_pass = isinstance(failure, MatteboxError) and failure.may_pass
            state = "waiting" if may_pass and attempts + 1 < MOST_ATTEMPTS else "failed"
            error, pause_s = str(failure), 2.0**attempts
            # The service knows best when there is room again.
            if isinstance(failure, ApiError) and failure.retry_after_s is not None:
                pause_s = failure.retry_after_s
        with jobs:
            jobs.execute(
                "UPDATE jobs SET state = ?, error = ?, due_s = ?, attempts = ? WHERE rowid = ?",
                (state, error, time.time() + pause_s, attempts + 1, number),
            )
        print(f"{source}: {state}" + (f", {error}" if error else ""))


database = sqlite3.connect(sys.argv[1])
database.execute(SCHEMA)
if sys.argv[2] == "add":
    with database:
        database.execute("INSERT INTO jobs (source, target) VALUES (?, ?)", sys.argv[3:5])
else:
    # The queue tries again, and remembers that it has to, also if the worker is restarted.
    with Client.from_environment(retries=Retries(attempts=1)) as mattebox:
        work(database, mattebox)
database.close()
