"""`kling-pipe graph`: draws a storyboard's members, their states and wires."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.errors import UsageFailure

if TYPE_CHECKING:
    from kling_pipe.report.diagram import Diagram

_formats = ("mermaid", "dot", "svg", "json")
_endings = {
    "": "mermaid",
    ".txt": "mermaid",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".md": "mermaid",
    ".dot": "dot",
    ".gv": "dot",
    ".svg": "svg",
    ".json": "json",
}


@face.command(
    "graph",
    "kling-pipe graph storyboard.yaml",
    "kling-pipe graph storyboard.yaml --simulate -o graph.svg",
    "kling-pipe graph storyboard.yaml --format dot",
    "kling-pipe graph storyboard.yaml --format json",
)
@face.storyboard_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(_formats),
    default=None,
    help="The language to draw in; without it that of FILE's ending, and mermaid on stdout.",
)
@click.option("-o", "--output", type=click.Path(), default="", metavar="FILE", help="Write to FILE, not to stdout.")
@face.choice_switches
def command(
    surface: Surface,
    storyboard: str,
    form: str | None,
    output: str,
    only: tuple[str, ...],
    provider: str,
    *,
    simulate: bool,
) -> Outcome:
    """Draw the members of a storyboard with their states, costs and wires, and the longest way. Nothing is sent.

    Mermaid and DOT are text for a page or for Graphviz; SVG is a picture with everything in it, also small pictures of
    what is made.
    """
    from kling_pipe.api.outputs import write_whole
    from kling_pipe.report.diagram import diagram_of, diagram_to_json

    if output:
        _refuse_place(output, storyboard)
    form = form or _language_of(output)
    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    pictured = surface.verbs.picture(storyboard, options, with_thumbnails=form == "svg")
    diagram = diagram_of(pictured.plan)
    text = _drawn(form, diagram, pictured.thumbnails)
    if output:
        write_whole(output, [(f"```mermaid\n{text}```\n" if output.lower().endswith(".md") else text).encode()])
    return Outcome(
        data={
            "format": form,
            "path": output or None,
            "graph": diagram_to_json(diagram),
            "text": "" if output else text,
        },
        text=f"wrote {shown_path(output)}\n" if output else text,
        verbatim=not output,
    )


def _language_of(output: str) -> str:
    """What a file's ending says; raises UsageFailure where it belongs to a file of another kind, such as a PNG."""
    ending = os.path.splitext(output)[1].lower()
    if ending not in _endings:
        named = ", ".join(f"`{one}`" for one in _endings if one)
        raise UsageFailure("usage", f"nothing is drawn as `{ending}`", hint=f"known: {named}; or add `--format`")
    return _endings[ending]


def _refuse_place(output: str, storyboard: str) -> None:
    """Before anything is drawn: never over the storyboard itself, and never where no file can lie."""
    from kling_pipe.api.outputs import refuse_no_file

    refuse_no_file(output)
    if os.path.exists(output) and os.path.exists(storyboard) and os.path.samefile(output, storyboard):
        raise UsageFailure("exists", f"`{shown_path(output)}` is the storyboard itself", hint="name another file")


def _drawn(form: str, diagram: Diagram, thumbnails: Mapping[str, bytes]) -> str:
    from kling_pipe.report.diagram import diagram_to_json
    from kling_pipe.report.diagram_svg import render_svg
    from kling_pipe.report.diagram_text import render_dot, render_mermaid

    if form == "svg":
        return render_svg(diagram, thumbnails)
    if form == "json":
        return json.dumps(diagram_to_json(diagram), indent=2, ensure_ascii=False) + "\n"
    return render_dot(diagram) if form == "dot" else render_mermaid(diagram)
