"""`kling-pipe models`: which model can do what, within which limits, at which price."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import click

from kling_pipe.api.options import Options
from kling_pipe.commands import face
from kling_pipe.commands.columns import columns
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import UsageFailure

_count = click.IntRange(min=1)


@face.group(
    "models",
    "kling-pipe models",
    "kling-pipe models --kind image-to-video --end-frame --sound",
    "kling-pipe models --elements 4 --references 2 --clip",
    "kling-pipe models --shots --seconds 12 --mode 4k --json",
    "kling-pipe models --can camera --all",
    "kling-pipe models --provider gateway",
    "kling-pipe models explain kling-v3",
)
@click.option("--kind", default="", metavar="KIND", help="For this step kind, such as image-to-video.")
@click.option("--sound", is_flag=True, help="Makes sound with the clip.")
@click.option("--end-frame", is_flag=True, help="Takes an end frame.")
@click.option("--shots", is_flag=True, help="Cuts a clip into shots.")
@click.option("--elements", type=_count, metavar="N", help="Takes so many elements.")
@click.option("--voices", is_flag=True, help="Speaks with chosen voices.")
@click.option("--references", type=_count, metavar="N", help="Takes so many reference pictures.")
@click.option("--clip", is_flag=True, help="Takes a clip.")
@click.option("--seconds", type=_count, metavar="N", help="Makes clips or sounds of this length.")
@click.option("--mode", default="", metavar="MODE", help="Has this mode or size: std, pro, 4k, 2k, …")
@click.option("--can", multiple=True, metavar="WORD", help="Can do this too: camera, masks, auto-shots, …")
@click.option("--provider", default="", metavar="TYPE", help="Those of this provider type, not of the first.")
@click.option("--all", "retired", is_flag=True, help="Retired models too, with their successors.")
def command(surface: Surface, kind: str, can: tuple[str, ...], mode: str, provider: str, **wanted: Any) -> Outcome:
    """List the models by step kind: what they can do, their limits, their prices; only those that fit a need.

    Every switch narrows the list; all of them must hold for one kind of one model. The sign `*` marks the model that
    is taken when a step names none.
    """
    from kling_pipe.report.catalogues import Need, chosen, models_to_json, render_models, words_of_capabilities

    rows = surface.verbs.models(Options(environment=surface.environment), "", provider)
    kinds = [one for row in rows for one in row.kinds]
    _known("step kind", [kind] if kind else [], dict.fromkeys(one.kind for one in kinds))
    _known("capability", can, words_of_capabilities)
    _known(
        "mode", [mode] if mode else [], dict.fromkeys(word for one in kinds for word in (*one.modes, *one.resolutions))
    )
    words = [word for word in ("sound", "end_frame", "shots", "voices", "clip") if wanted[word]]
    need = Need(
        kind=kind,
        can=(*can, *(word.replace("_", "-") for word in words)),
        counts={name: wanted[name] for name in ("elements", "references") if wanted[name]},
        seconds=wanted["seconds"] or 0,
        mode=mode,
        retired=wanted["retired"],
    )
    fitting = chosen(rows, need)
    hidden = not fitting and not need.retired and chosen(rows, need.with_retired())
    return Outcome(
        data=models_to_json(fitting),
        text=render_models(fitting, columns(surface.environment)),
        talk="hint: a retired model fits, `--all` shows it" if hidden else "",
        problems=surface.verbs.broken_providers(),
    )


def _known(noun: str, words: Sequence[str], known: Sequence[str] | dict[str, None]) -> None:
    for word in words:
        if word not in known:
            near = difflib.get_close_matches(word, list(known), 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(f'`{one}`' for one in known)}"
            raise UsageFailure("unknown-word", f"`{word}` is not a {noun}", hint=hint)


@face.command(
    "explain",
    "kling-pipe models explain kling-v3",
    "kling-pipe models explain kling-lip-sync",
    "kling-pipe models explain klingai:kling-video@2.6-pro --json",
)
@click.option("--provider", default="", metavar="TYPE", help="As this provider type has it.")
@click.argument("model")
def explain(surface: Surface, model: str, provider: str) -> Outcome:
    """Tell everything about one model.

    That is the kinds it serves, every parameter and file with its limits, the rules, prices with examples, other names,
    the ways its requests travel, and where each of these facts comes from.

    MODEL may be any name that a storyboard may use: the model's own, an alias, another service's name for it.
    """
    from kling_pipe.report.explanations import explanation_to_json, render_explanation

    found = surface.verbs.explain(Options(environment=surface.environment), model, provider)
    return Outcome(data=explanation_to_json(found), text=render_explanation(found, columns(surface.environment)))


command.add_command(explain)
