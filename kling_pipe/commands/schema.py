"""`kling-pipe schema`: prints the JSON Schemas, or installs them where an editor finds them."""

from __future__ import annotations

import json
import os
import re

import click

from kling_pipe.commands import face
from kling_pipe.commands.editor_settings import NotSettings, with_schemas
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.errors import UsageFailure
from kling_pipe.values.files import data_folder

_ending = ".schema.json"
_folder = ".kling-pipe-schemas"
_opening = re.compile(r"^\ufeff?(storyboard|fragment)[ \t]*:", re.MULTILINE)
_has_modeline = re.compile(r"^\ufeff?#[ \t]*yaml-language-server:", re.MULTILINE)


@face.command(
    "schema",
    "kling-pipe schema",
    "kling-pipe schema steps/image-to-video",
    "kling-pipe schema --install",
)
@click.argument(
    "name", default="", shell_complete=lambda *asked: [n for n in schema_names() if n.startswith(asked[-1])]
)
@click.option("--install", is_flag=True, help=f"Write all schemas into FOLDER/{_folder} and tell the editor of them.")
@click.option("--folder", type=click.Path(), default=".", help="The project to install into.", show_default=True)
def command(surface: Surface, name: str, folder: str, *, install: bool) -> Outcome:
    """Print a schema, list them all, or install them for completion and checks while typing."""
    schemas = schema_names()
    if install:
        return _install(schemas, folder)
    if not name:
        return Outcome(
            data={"schemas": list(schemas)},
            text="".join(f"{known}\n" for known in schemas),
            talk="next: `kling-pipe schema NAME`, or `kling-pipe schema --install` for your editor",
        )
    if name not in schemas:
        raise _unknown(name, tuple(schemas))
    text = _read(schemas[name])
    return Outcome(data={"name": name, "schema": json.loads(text)}, text=text, verbatim=True)


def schema_names() -> dict[str, str]:
    """Every shipped schema: its name and its file."""
    root = data_folder("schemas")
    found = {}
    for folder, _, files in os.walk(root):
        for file in files:
            if file.endswith(_ending):
                path = os.path.join(folder, file)
                found[os.path.relpath(path, root).removesuffix(_ending).replace(os.sep, "/")] = path
    return dict(sorted(found.items()))


def _install(schemas: dict[str, str], folder: str) -> Outcome:
    if not os.path.isdir(folder):
        hint = "paths are taken from the folder you are in"
        raise UsageFailure("no-such-folder", f"there is no folder `{shown_path(folder)}`", hint=hint)
    target = os.path.join(folder, _folder)
    for name, source in schemas.items():
        path = os.path.join(target, *name.split("/")) + _ending
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write(path, _read(source))
    settings = os.path.join(folder, ".vscode", "settings.json")
    state = _settings(settings)
    headed = _head_storyboards(folder)
    lines = [f"wrote {len(schemas)} schemas into {shown_path(target)}"]
    lines += [f"{state} {shown_path(settings)}"] if state in ("wrote", "added to") else []
    lines += [f"headed {shown_path(path)}" for path in headed]
    return Outcome(
        data={
            "folder": target,
            "schemas": list(schemas),
            "settings": settings if state in ("wrote", "added to") else "",
            "headed": headed,
            "modeline": _modeline("storyboard"),
        },
        text="\n".join(lines) + "\n",
        talk=_advice(state, settings),
    )


def _settings(path: str) -> str:
    """Associates the schemas in VS Code, and says what was done: a file that cannot be read is left as it is."""
    wanted = {
        f"./{_folder}/storyboard{_ending}": ["storyboard.yaml", "*.storyboard.yaml", "pipelines/*.yaml"],
        f"./{_folder}/fragment{_ending}": ["*.fragment.yaml"],
        f"./{_folder}/project{_ending}": ["kling-pipe.yaml"],
    }
    before = _read(path) if os.path.lexists(path) else ""
    try:
        after = with_schemas(before, "yaml.schemas", wanted)
    except NotSettings:
        return "left alone"
    if after == before:
        return "knew"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _write(path, after)
    return "added to" if before else "wrote"


def _head_storyboards(folder: str) -> list[str]:
    """Puts a modeline at the head of every text of ours in the folder that has none."""
    headed = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.endswith((".yaml", ".yml")) or not os.path.isfile(path) or os.path.islink(path):
            continue
        try:
            text = _read(path)
        except (OSError, UnicodeDecodeError):  # not a text of ours
            continue
        found = _opening.search(text)
        kind = "project" if name == "kling-pipe.yaml" else found[1] if found else ""
        if not kind or _has_modeline.search(text):
            continue
        newline = "\r\n" if "\r\n" in text else "\n"
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        _write(path, mark + _modeline(kind) + newline + text.removeprefix("\ufeff"))
        headed.append(path)
    return headed


def _modeline(name: str) -> str:
    return f"# yaml-language-server: $schema={_folder}/{name}{_ending}"


def _advice(state: str, settings: str) -> str:
    left = f"`{shown_path(settings)}` was left alone: it is no object of JSON with comments\n"
    return (left if state == "left alone" else "") + (
        "VS Code needs the extension `redhat.vscode-yaml`\n"
        "Neovim, Helix, Zed, Emacs and others with yaml-language-server go by the first line of a text:"
        f" `{_modeline('storyboard')}`\n"
        f"JetBrains: add `{_folder}/storyboard{_ending}` in Settings under JSON Schema Mappings"
    )


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def _read(path: str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _unknown(name: str, known: tuple[str, ...]) -> UsageFailure:
    import difflib

    near = difflib.get_close_matches(name, known, 1, 0.5) or [one for one in known if one.endswith(f"/{name}")]
    hint = f"did you mean `{near[0]}`?" if near else "`kling-pipe schema` lists them"
    return UsageFailure("no-such-schema", f"`{name}` is not a schema", hint=hint)
