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
    help="The language to draw in; without it that of FILE's ending, else mermaid.",
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
    from kling_pipe.report.diagram import diagram_of, diagram_to_json

    form = form or _endings.get(os.path.splitext(output)[1].lower(), "mermaid")
    options = Options(simulate=simulate, only=only, provider=provider, environment=surface.environment)
    pictured = surface.verbs.picture(storyboard, options, with_thumbnails=form == "svg")
    diagram = diagram_of(pictured.plan)
    text = _drawn(form, diagram, pictured.thumbnails)
    if output:
        _write(output, f"```mermaid\n{text}```\n" if output.lower().endswith(".md") else text, storyboard)
    return Outcome(
        data={
            "format": form,
            "path": output or None,
            "graph": diagram_to_json(diagram),
            "text": "" if output else text,
        },
        text=f"wrote {shown_path(output)}\n" if output else text,
    )


def _drawn(form: str, diagram: Diagram, thumbnails: Mapping[str, bytes]) -> str:
    from kling_pipe.report.diagram import diagram_to_json
    from kling_pipe.report.diagram_svg import render_svg
    from kling_pipe.report.diagram_text import render_dot, render_mermaid

    if form == "svg":
        return render_svg(diagram, thumbnails)
    if form == "json":
        return json.dumps(diagram_to_json(diagram), indent=2, ensure_ascii=False) + "\n"
    return render_dot(diagram) if form == "dot" else render_mermaid(diagram)


def _write(path: str, text: str, storyboard: str) -> None:
    """Whole or not at all, and never over the storyboard itself."""
    if os.path.exists(path) and os.path.samefile(path, storyboard):
        raise UsageFailure("exists", f"`{shown_path(path)}` is the storyboard itself", hint="name another file")
    aside = f"{path}.{os.getpid()}.part"
    try:
        with open(aside, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(aside, path)
    except OSError as error:
        error.filename = path  # what was asked for, not what stands beside it for a moment
        raise
    finally:
        if os.path.exists(aside):
            os.unlink(aside)
