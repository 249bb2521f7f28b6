"""`kling-pipe schema`: prints the JSON Schemas, or installs them where an editor finds them."""

from __future__ import annotations

import json
import os

import click

from kling_pipe.commands import face
from kling_pipe.commands.outcome import Outcome
from kling_pipe.commands.surface import Surface, shown_path
from kling_pipe.errors import UsageFailure
from kling_pipe.values.files import data_folder

_ending = ".schema.json"
_folder = ".kling-pipe-schemas"


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
    return Outcome(data={"name": name, "schema": json.loads(text)}, text=text)


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
    target = os.path.join(folder, _folder)
    for name, source in schemas.items():
        path = os.path.join(target, *name.split("/")) + _ending
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(_read(source))
    settings = _settings(os.path.join(folder, ".vscode", "settings.json"))
    modeline = f"# yaml-language-server: $schema={_folder}/storyboard{_ending}"
    return Outcome(
        data={"folder": target, "schemas": list(schemas), "settings": settings, "modeline": modeline},
        text=f"wrote {len(schemas)} schemas into {shown_path(target)}\n"
        + (f"wrote {shown_path(settings)}\n" if settings else ""),
        talk=f"next: make this the first line of a storyboard beside them: `{modeline}`",
    )


def _settings(path: str) -> str:
    """Associates the schemas in VS Code; a settings file that is there belongs to its owner and is left alone."""
    if os.path.lexists(path):
        return ""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    association = {
        f"./{_folder}/storyboard{_ending}": ["storyboard.yaml", "*.storyboard.yaml", "pipelines/*.yaml"],
        f"./{_folder}/project{_ending}": ["kling-pipe.yaml"],
    }
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps({"yaml.schemas": association}, indent=2) + "\n")
    return path


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _unknown(name: str, known: tuple[str, ...]) -> UsageFailure:
    import difflib

    near = difflib.get_close_matches(name, known, 1, 0.5) or [one for one in known if one.endswith(f"/{name}")]
    hint = f"did you mean `{near[0]}`?" if near else "`kling-pipe schema` lists them"
    return UsageFailure("no-such-schema", f"`{name}` is not a schema", hint=hint)
