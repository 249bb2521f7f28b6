"""`kling-pipe init`: a starter storyboard that works at once, and a `.gitignore` that keeps state out of it."""

from __future__ import annotations

import os

import click

from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path, typed_path
from kling_pipe.errors import UsageFailure
from kling_pipe.values.files import data_folder

storyboard_name = "storyboard.yaml"
ignored = (".kling-pipe/", "out/", ".env", "*.simulated.lock.yaml")


@face.command("init", "kling-pipe init", "kling-pipe init my-project", "kling-pipe init my-project --force")
@click.argument("folder", type=click.Path(), default=".")
@click.option("--force", is_flag=True, help="Replace a storyboard that is there.")
def command(surface: Surface, folder: str, *, force: bool) -> Outcome:
    """Write a starter storyboard of one picture and one clip, and keep state and results out of git."""
    path = os.path.join(folder, storyboard_name)
    if os.path.lexists(path) and not force:
        raise UsageFailure(
            "exists",
            f"`{shown_path(path)}` is there already",
            hint="name another folder, or add `--force` to replace it",
        )
    os.makedirs(folder, exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(starter())
    gitignore = os.path.join(folder, ".gitignore")
    added = _ignore(gitignore)
    lines = [f"wrote {shown_path(path)}"]
    if added:
        lines.append(f"added {', '.join(added)} to {shown_path(gitignore)}")
    return Outcome(
        data={"storyboard": path, "gitignore": gitignore, "ignored": list(added)},
        text="\n".join(lines) + "\n",
        talk=f"next: `kling-pipe run {typed_path(path)} --simulate`",
    )


def starter() -> str:
    """The shipped `hello.yaml` without its first line, which points into this repository."""
    with open(os.path.join(data_folder("pipelines"), "hello.yaml"), encoding="utf-8") as file:
        text = file.read()
    first, _, rest = text.partition("\n")
    return rest if first.startswith("# yaml-language-server:") else text


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
