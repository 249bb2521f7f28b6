"""`kling-pipe models`: which model can do what, within which limits, at which price."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import UsageFailure


@face.command(
    "models",
    "kling-pipe models",
    "kling-pipe models --kind image-to-video --can end-frame",
    "kling-pipe models --can sound --can shots --json",
    "kling-pipe models --all",
)
@click.option("--kind", default="", metavar="KIND", help="Only models for this step kind, such as image-to-video.")
@click.option("--can", multiple=True, metavar="WORD", help="Only what can do this: sound, end-frame, shots, 4k, …")
@click.option("--all", "retired", is_flag=True, help="Retired models too, with their successors.")
def command(surface: Surface, kind: str, can: tuple[str, ...], *, retired: bool) -> Outcome:
    """List the models, what they can do, their limits, and their prices with the day they were read."""
    from kling_pipe.report.catalogues import chosen, models_to_json, render_models, words_of_capabilities

    rows = surface.verbs.models(Options(environment=surface.environment), "")
    kinds = tuple(dict.fromkeys(one.kind for row in rows for one in row.kinds))
    _known("step kind", [kind] if kind else [], kinds)
    _known("capability", can, words_of_capabilities)
    fitting = chosen(rows, kind, can, retired=retired)
    narrow = not fitting and not retired and chosen(rows, kind, can, retired=True)
    return Outcome(
        data=models_to_json(fitting),
        text=render_models(fitting),
        talk="hint: a retired model fits, `--all` shows it" if narrow else "",
    )


def _known(noun: str, words: Sequence[str], known: Sequence[str]) -> None:
    for word in words:
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(f'`{one}`' for one in known)}"
            raise UsageFailure("unknown-word", f"`{word}` is not a {noun}", hint=hint)
