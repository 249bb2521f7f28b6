"""Takes records of paid jobs away, as a damaged disk or a careless hand would."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from kling_pipe.values.digest import digest_of


def lose_record(home: Path, member: str, *, files: bool = True, objects: bool = True) -> str:
    """Deletes the rows of a member's jobs, and with `files` its artifacts' rows and journal lines too, with `objects`
    the stored bytes; the external id of the last."""
    if files:
        forget_locks(home.parent)
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        jobs = [row[0] for row in ledger.execute("select external_id from jobs where member = ?", (member,))]
        for job in jobs:
            ledger.execute("delete from jobs where external_id = ?", (job,))
            digests = [row[0] for row in ledger.execute("select digest from artifacts where external_id = ?", (job,))]
            if files:
                ledger.execute("delete from artifacts where external_id = ?", (job,))
                _forget_lines(home / "artifacts.jsonl", job)
            for digest in digests if objects else ():
                (home / "objects" / digest[:2] / digest[2:]).unlink()
    return jobs[-1]


def change_record(home: Path, member: str, **values: object) -> None:
    """Makes the record of a member's job say something else."""
    setting = ", ".join(f"{name} = ?" for name in values)
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        ledger.execute(f"update jobs set {setting} where member = ?", (*values.values(), member))


def forget_files(home: Path, member: str) -> None:
    """Deletes what is on record of a member's files, but not of its jobs."""
    forget_locks(home.parent)
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        jobs = ledger.execute("select external_id from jobs where member = ?", (member,)).fetchall()
        ledger.executemany("delete from artifacts where external_id = ?", jobs)


def forget_locks(folder: Path) -> None:
    """Deletes every lock file of a folder: they know what was made, too."""
    for lock in folder.glob("*.lock.yaml"):
        lock.unlink()


def copy_record(home: Path, member: str, takes: tuple[int, ...], **values: object) -> str:
    """A second job of a member, for other takes; its external id."""
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        ledger.row_factory = sqlite3.Row
        row = dict(ledger.execute("select * from jobs where member = ?", (member,)).fetchone())
        name = "kp-" + digest_of("kling-pipe.external-id", [row["recipe"], list(takes), 1])[:40]
        row.update(values, external_id=name, takes=json.dumps(takes))
        marks = ", ".join("?" * len(row))
        ledger.execute(f"insert into jobs ({', '.join(row)}) values ({marks})", tuple(row.values()))
    return name


def begin_run(home: Path, run: str) -> None:
    """A run on record that has not ended."""
    with closing(sqlite3.connect(home / "ledger.db")) as ledger, ledger:
        ledger.execute(
            "insert into runs (run, storyboard, realm, started, lease) values (?, 'boats', 'simulated', 0, 9e9)", (run,)
        )


def jobs_of(home: Path) -> dict[str, Any]:
    """Every job on record: its member, state, task and units."""
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        rows = ledger.execute("select external_id, member, state, task_id, cost from jobs").fetchall()
    return {name: (member, state, task, json.loads(cost) if cost else None) for name, member, state, task, cost in rows}


def _forget_lines(journal: Path, job: str) -> None:
    if not journal.exists():
        return
    kept = [line for line in journal.read_text(encoding="utf-8").splitlines() if job not in line]
    journal.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
