"""`ledger`: what was spent, read from the jobs of a state folder; no storyboard is needed and nothing is sent."""

from __future__ import annotations

import os
from dataclasses import dataclass

from kling_pipe.api.options import Options
from kling_pipe.api.planning import ledger_name
from kling_pipe.api.workspace import home_of, open_project
from kling_pipe.edge.ledger import Ledger
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Realm
from kling_pipe.values.spending import moment_of


@dataclass(frozen=True, slots=True)
class Spending:
    """The jobs of one realm since a moment, oldest first; `ledger` is the file they are in, empty where none is."""

    realm: Realm
    ledger: str
    home: str
    since: float
    jobs: tuple[JobRow, ...]


def spending(folder: str, options: Options, since: float = 0.0) -> Spending:
    """Every job of the project that a folder belongs to."""
    project, _, _ = open_project(folder)
    home = home_of(project, options.environment)
    realm = Realm.SIMULATED if options.simulate else Realm.REAL
    path = os.path.join(home, ledger_name)
    if not os.path.exists(path):
        return Spending(realm, "", home, since, ())
    ledger = Ledger(path, lambda _run: None, only_reads=True)
    try:
        jobs = tuple(row for row in ledger.all_jobs(realm) if moment_of(row) >= since)
    finally:
        ledger.close()
    return Spending(realm, path, home, since, jobs)
