"""`kling-pipe diff`: what changed between two git revisions of a storyboard, and what it costs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.plan import run_command
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.errors import UsageFailure

if TYPE_CHECKING:
    from kling_pipe.api.diff import DiffReport


@face.command(
    "diff",
    "kling-pipe diff storyboard.yaml",
    "kling-pipe diff storyboard.yaml HEAD~1 --simulate",
    "kling-pipe diff storyboard.yaml main...HEAD --markdown",
    "kling-pipe diff storyboard.yaml HEAD~2..HEAD --sheet before-and-after.html",
)
@face.storyboard_argument
@click.argument("revisions", default="HEAD")
@click.option("--simulate", is_flag=True, help="Of what the built-in simulator made: nothing is spent.")
@click.option("--markdown", is_flag=True, help="Print Markdown for a comment of a pull request.")
@click.option("--sheet", default="", metavar="PAGE.html", help="Write a page with pictures and clips side by side too.")
@click.option("--full", is_flag=True, help="Put every file on the page as it is, however large it becomes.")
def command(
    surface: Surface, storyboard: str, revisions: str, sheet: str, *, simulate: bool, markdown: bool, full: bool
) -> Outcome:
    """Say what changed between two git revisions of a storyboard: steps changed, stale below, added, removed and
    renamed, what making the later one costs now, and what each costs from scratch. Nothing is sent.

    REVISIONS are `OLD` (against the working tree), `OLD..NEW`, or `OLD...NEW` (from where NEW began to differ); without
    them HEAD is held against the working tree.
    """
    from kling_pipe.report.diff_markdown import markdown_of
    from kling_pipe.report.differences import difference_to_json, render_difference
    from kling_pipe.report.ink import ink_of
    from kling_pipe.report.reasons import Look

    _check_page(sheet, full=full)
    options = Options(simulate=simulate, environment=surface.environment)
    report = surface.verbs.diff(storyboard, revisions, options)
    found, name = report.difference, shown_path(storyboard)
    folder = os.path.dirname(found.new.storyboard.path)
    if markdown:
        text = markdown_of(found, report.older, report.newer, name, folder)
    else:
        look = Look(folder, ink_of(colour=surface.painted), columns(surface.environment, usual=0))
        is_next = bool(found.cost) and not report.newer.commit
        following = f"next: `{run_command(storyboard, options)}`\n" if is_next else ""
        text = render_difference(found, report.older, report.newer, name, look, following)
    data = difference_to_json(found, report.older, report.newer)
    written = _write_sheet(sheet, report, name, folder, full=full) if sheet else None
    return Outcome(
        data=data | {"sheet": written.data} if written else data,
        text=text,
        talk=written.talk if written else "",
        problems=report.problems,
        texts=report.texts,
        verbatim=True,
    )


def _check_page(sheet: str, *, full: bool) -> None:
    if sheet and not sheet.lower().endswith((".html", ".htm")):
        message = f"`--sheet` writes a page, and `{sheet}` does not end in `.html`"
        raise UsageFailure("not-a-page", message, hint="name it so: a page never takes the place of a storyboard")
    if full and not sheet:
        raise UsageFailure(
            "not-a-page", "`--full` is about a page, and no page is asked for", hint="add `--sheet PAGE.html`"
        )


def _write_sheet(sheet: str, report: DiffReport, name: str, folder: str, *, full: bool) -> Outcome:
    """Writes the page; what it holds and what not, as data and as talk."""
    from kling_pipe.api.exhibits import Bounds, exhibits, no_bounds, write_page
    from kling_pipe.report.amounts import listing, size
    from kling_pipe.report.diff_sheet import sheet_of, what_is_left_out

    shown = exhibits(report.difference, report.store, no_bounds if full else Bounds())
    pieces = sheet_of(report.difference, report.older, report.newer, name, folder, shown)
    count = write_page(sheet, pieces)
    left_out = what_is_left_out(shown)
    less = f"; it shows {listing(left_out)}: `--full` shows everything" if left_out else ""
    return Outcome(
        data={"path": sheet, "bytes": count, "left_out": list(left_out)},
        talk=f"wrote `{shown_path(sheet)}`, {size(count)}{less}",
    )
