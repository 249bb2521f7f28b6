"""`models`: what every model can do, as the catalogues say."""

from __future__ import annotations

import os

from kling_pipe.api.options import Options
from kling_pipe.api.workspace import open_project
from kling_pipe.plan.catalogue import load_catalogue
from kling_pipe.plan.catalogue_rows import ModelRow
from kling_pipe.providers.table import table


def models(options: Options, kind: str = "") -> tuple[ModelRow, ...]:
    """The rows of all providers; with `kind` only those that serve it."""
    project, _, _ = open_project(os.getcwd())
    rows: list[ModelRow] = []
    for provider, entry in table.items():
        rows.extend(load_catalogue(provider, entry.read, project.units_usd).rows())
    return tuple(row for row in rows if not kind or any(served.kind == kind for served in row.kinds))
