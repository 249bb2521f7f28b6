"""`kling-pipe init`: a shipped storyboard with all it needs, and a `.gitignore` that keeps state out of it."""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Sequence

import click

from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path, typed_path
from kling_pipe.errors import UsageFailure
from kling_pipe.values.files import data_folder

storyboard_name = "storyboard.yaml"
templates = {
    "hello": "one picture and one clip",
    "product-launch": "a product picture with takes, a reveal, a cut story with sound, a runner in motion",
    "social-cutdowns": "clips of two lengths and end cards in two languages, for every shape of feed",
    "talking-avatar": "a host who answers questions: a portrait, spoken lines, a clip for each",
    "dance-challenge": "somebody's picture dances as a clip of yours does",
    "roads": "a short film over several roads, each step by the first of its list that makes it",
    "storyboard-film": "twelve shots, three languages, two shapes, and only what differs is made",
}
_media = re.compile(r"\bmedia/[\w-]+\.\w+")
ignored = (".kling-pipe/", "out/", ".env", "*.simulated.lock.yaml")


@face.command(
    "init",
    "kling-pipe init",
    "kling-pipe init my-project",
    "kling-pipe init my-project --template talking-avatar",
    "kling-pipe init --list",
    "kling-pipe init my-project --force",
)
@click.argument("folder", type=click.Path(), default=".")
@click.option(
    "--template",
    default="hello",
    metavar="NAME",
    help="Begin with one of: " + ", ".join(templates) + ".",
    shell_complete=lambda *asked: [name for name in templates if name.startswith(asked[-1])],
)
@click.option("--list", "lists", is_flag=True, help="List the templates with a line about each; write nothing.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(surface: Surface, folder: str, template: str, *, lists: bool, force: bool) -> Outcome:
    """Write a storyboard that works at once, and keep state and results out of git.

    Without --template it makes one picture and one clip. A template tells at its head what to change.
    """
    if lists:
        rows = list(templates.items())
        return Outcome(
            data={"templates": [{"name": name, "about": about} for name, about in rows]},
            text="".join(f"{name:{max(map(len, templates))}}  {about}\n" for name, about in rows),
            talk="next: `kling-pipe init FOLDER --template NAME`",
        )
    if template not in templates:
        raise _unknown(template)
    text = template_text(template)
    path = os.path.join(folder, storyboard_name)
    copies = {os.path.join(folder, *name.split("/")): _shipped(name) for name in sorted(set(_media.findall(text)))}
    _refuse_to_replace([path, *copies], force=force)
    for target, source in copies.items():
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
    os.makedirs(folder, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    gitignore = os.path.join(folder, ".gitignore")
    added = _ignore(gitignore)
    lines = [f"wrote {shown_path(written)}" for written in (path, *copies)]
    if added:
        lines.append(f"added {', '.join(added)} to {shown_path(gitignore)}")
    return Outcome(
        data={"storyboard": path, "template": template, "media": list(copies), "gitignore": gitignore,
              "ignored": list(added)},
        text="\n".join(lines) + "\n",
        talk=f"next: `kling-pipe run {typed_path(path)} --simulate`",
    )  # fmt: skip


def template_text(name: str) -> str:
    """A shipped storyboard without its first line, which points into this repository."""
    with open(_shipped(f"{name}.yaml"), encoding="utf-8") as file:
        text = file.read()
    first, _, rest = text.partition("\n")
    return rest if first.startswith("# yaml-language-server:") else text


def _shipped(name: str) -> str:
    return os.path.join(data_folder("pipelines"), *name.split("/"))


def _refuse_to_replace(paths: Sequence[str], *, force: bool) -> None:
    there = [path for path in paths if os.path.lexists(path)]
    if there and not force:
        raise UsageFailure(
            "exists",
            f"`{shown_path(there[0])}` is there already",
            hint="name another folder, or add `--force` to replace it",
        )


def _unknown(name: str) -> UsageFailure:
    near = difflib.get_close_matches(name, templates, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else "`kling-pipe init --list` tells of each"
    return UsageFailure("unknown-template", f"`{name}` is not a template", hint=hint)


def _ignore(path: str) -> tuple[str, ...]:
    """Appends what is missing and says what that was."""
    text = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            text = file.read()
    present = {line.strip().strip("/") for line in text.splitlines()}
    missing = tuple(line for line in ignored if line.strip("/") not in present)
    if missing:
        with open(path, "a", encoding="utf-8") as file:
            file.write(("" if not text or text.endswith("\n") else "\n") + "\n".join(missing) + "\n")
    return missing
