"""`kling-pipe explain`: what a problem's code means, and what can be done about it."""

from __future__ import annotations

import difflib

import click

from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import UsageFailure


@face.command(
    "explain",
    "kling-pipe explain end-frame-mode",
    "kling-pipe explain uncertain",
    "kling-pipe explain 1102 --json",
    "kling-pipe explain",
)
@click.argument("code", default="", shell_complete=lambda *asked: _codes(asked[-1]))
def command(surface: Surface, code: str) -> Outcome:
    """Tell what a problem's code means and what to do about it, with an example.

    CODE is the word at the head of a problem, or a code of the service itself; without one, all of them are listed.
    """
    from kling_pipe.report.codebook import codebook, entry_to_json, looked_up, render_codebook, render_entry

    services = surface.verbs.service_codes()
    if not code:
        entries = codebook(services).values()
        return Outcome(
            data={"codes": [entry_to_json(entry) for entry in entries]}, text=render_codebook(services), verbatim=True
        )
    entry = looked_up(code, services)
    if entry is None:
        raise _unknown(code, list(codebook(services)))
    return Outcome(data=entry_to_json(entry), text=render_entry(entry), verbatim=True)


def _codes(begun: str) -> list[str]:
    from kling_pipe.commands.verbs import Verbs
    from kling_pipe.report.codebook import codebook

    return [code for code in codebook(Verbs().service_codes()) if code.startswith(begun)]


def _unknown(word: str, known: list[str]) -> UsageFailure:
    near = difflib.get_close_matches(word.lower(), known, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else "`kling-pipe explain` lists them"
    return UsageFailure("unknown-code", f"`{word}` is not a code", hint=hint)
