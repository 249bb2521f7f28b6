"""The ledger's file: its tables and formats, how it is opened, and what SQLite's errors mean to its user."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote

from kling_pipe.edge.ledger_uploads import uploads_table
from kling_pipe.edge.store import translated_disk_errors
from kling_pipe.errors import StateFailure

ledger_format = 4

tables = f"""
{uploads_table};
create table if not exists facts (name text primary key, value text not null) without rowid;
create table if not exists runs (
  run text primary key, storyboard text not null, realm text not null, started real not null, lease real not null,
  ended real, exit_code integer, spent text
) without rowid;
create table if not exists jobs (
  external_id text primary key, recipe text not null, takes text not null, attempt integer not null,
  state text not null, realm text not null, provider text not null, profile text not null, storyboard text not null,
  member text not null, kind text not null, model text not null, product text not null, standard text not null,
  endpoint text not null, task_id text not null default '', status text not null default '',
  run text not null, estimate text not null, cost text, exact integer not null default 0,
  intended real not null, submitted real, ended real, seconds real, code text not null default '',
  message text not null default '', explanation text not null default '', memo text not null default ''
) without rowid;
create index if not exists jobs_by_recipe on jobs (recipe);
create index if not exists jobs_by_run on jobs (run);
create index if not exists jobs_open on jobs (state) where state not in ('done', 'failed', 'dropped');
create table if not exists artifacts (
  key text not null, idx integer not null, digest text not null, take integer not null, facts text not null,
  external_id text not null, task_id text not null, created real not null, url text not null, url_expires real not null,
  output_id text not null default '', lost integer not null default 0, primary key (key, idx)
) without rowid;
create table if not exists events (
  number integer primary key, run text not null, at real not null, member text not null, name text not null,
  body text not null
);
"""


# What each format adds to the one before it.
upgrades = {
    1: (
        "alter table jobs add column memo text not null default ''",
        "alter table artifacts add column output_id text not null default ''",
    ),
    2: ("alter table artifacts add column lost integer not null default 0",),
    3: (uploads_table,),
}


def open_ledger(path: str) -> sqlite3.Connection:
    with translated(path), translated_disk_errors(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        database = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        try:
            database.row_factory = sqlite3.Row
            _turn_to_wal(database)
            database.execute("pragma synchronous = full")
            version = format_of(database)
            if version not in (0, *upgrades, ledger_format):
                raise StateFailure(
                    "ledger-format",
                    f"`{path}` has format {version}, this version reads {ledger_format}",
                    hint="use the version of kling-pipe that wrote it",
                )
        except BaseException:
            database.close()
            raise
    return database


def _turn_to_wal(database: sqlite3.Connection) -> None:
    """SQLite does not wait its turn here, as it does elsewhere, when several processes begin a ledger at once."""
    for tries in range(_wal_tries):
        try:
            database.execute("pragma journal_mode = wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or tries == _wal_tries - 1:
                raise
            time.sleep(_wal_pause)


_wal_tries, _wal_pause = 400, 0.05  # twenty seconds


def open_for_reading(path: str) -> sqlite3.Connection:
    """The ledger itself where it may be written, else what it holds, in memory."""
    exists = os.path.exists(path)
    if exists and os.access(path, os.W_OK) and os.access(os.path.dirname(path), os.W_OK):
        return open_ledger(path)
    with translated(path):
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        memory.row_factory = sqlite3.Row
        if exists:
            with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)) as written:
                written.backup(memory)
    return memory


def format_of(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])


@contextmanager
def translated(path: str) -> Iterator[None]:
    """The door for SQLite's errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise StateFailure(
                "disk-full",
                f"no room left while writing `{path}`",
                hint="free some space and run again; recorded tasks are picked up and nothing is bought twice",
            ) from error
        raise StateFailure(
            "ledger-unusable",
            f"the ledger `{path}` cannot be used: {error}",
            hint="look at the disk and at the owner of that folder; `KLING_PIPE_HOME` names another",
        ) from error
    except sqlite3.DatabaseError as error:
        raise StateFailure(
            "ledger-damaged",
            f"the ledger `{path}` is damaged: {error}",
            hint=_damage_hint,
        ) from error
    except (ValueError, KeyError, ArithmeticError) as error:  # pages are whole, what is written on them is not
        raise StateFailure(
            "ledger-damaged", f"the ledger `{path}` is damaged: {type(error).__name__}", hint=_damage_hint
        ) from error


_damage_hint = (
    "move it away and run again: tasks are found again by their external ids and are not bought twice;"
    " calls of `speech` and `segment` have no such ids, and one whose file is gone too is paid for again"
)
