"""What a shell is offered for a word that is half typed: commands, options, storyboards, and the addresses of one.

Somebody waits for each word, so nothing is loaded that the word does not need: step ids that stand under `steps:` line
by line are read without any package, also of a text that is half written. Where other files or fragments bring steps,
and for members once a step is whole, the storyboard is read as always.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

_endings = (".yaml", ".yml")
_no_storyboards = re.compile(r"kling-pipe\.ya?ml|.*\.lock\.yaml", re.IGNORECASE)
_most_bytes = 4 << 20
_steps = re.compile(r"^steps:[ \t]*(?:#[^\n]*)?\n((?:[ \t]*(?:#[^\n]*)?\n|[ \t]+[^\n]*(?:\n|\Z))*)", re.MULTILINE)
_key = re.compile(r"^( +)([\"']?)([A-Za-z_][A-Za-z0-9_-]*)\2:(?:\s|\Z)", re.MULTILINE)
_axes = re.compile(r"\b(?:variants|each)[\"']?[ \t]*:")
_other_files = re.compile(r"\b(?:include|use)[\"']?[ \t]*:")


def offered(group: click.Group, line: str) -> list[CompletionItem]:
    """What may stand in place of the last word of a line, which ends where somebody types."""
    words = split_arg_string(line)
    begun = words.pop() if words and not line[-1:].isspace() else ""
    try:
        return ShellComplete(group, {}, "kling-pipe", "").get_completions(words[1:], begun)
    except click.UsageError:  # a command that is none
        return []


def begun_word(line: str) -> str:
    """The word that is being typed, as it reads without quotes."""
    words = split_arg_string(line)
    return words[-1] if words and not line[-1:].isspace() else ""


def complete_by_names(command: click.Command) -> None:
    """Gives the parameters that are named after storyboards and addresses their completion."""
    for parameter in command.params:
        completion = _by_name.get(str(parameter.name))
        if completion is not None and parameter._custom_shell_complete is None:
            parameter._custom_shell_complete = completion


def storyboards(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files that may be storyboards, and folders; hidden ones where the name begins with a dot."""
    folder, name = os.path.split(begun)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        CompletionItem(os.path.join(folder, entry.name) + ("/" if entry.is_dir() else ""))
        for entry in entries
        if entry.name.startswith(name) and (name.startswith(".") or not entry.name.startswith("."))
        if entry.is_dir() or (entry.name.endswith(_endings) and not _no_storyboards.fullmatch(entry.name))
    ]


def addresses(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Steps of the storyboard on the line; its members where a bracket is open or the step is whole."""
    # An option that waits for its value keeps click from handing out the arguments before it.
    path = context.params.get("storyboard") or next(iter(context.args), None)
    try:
        found = _addresses_in(path, begun) if isinstance(path, str) and os.path.getsize(path) <= _most_bytes else ()
    except Exception:  # noqa: BLE001  # a shell has no use for a failure, whatever it is
        return []
    steps = list(dict.fromkeys(address.partition("[")[0] for address in found))
    fitting = [word for word in (found if "[" in begun or begun in steps else steps) if word.startswith(begun)]
    whole = [begun] if begun in steps and begun not in fitting else []
    return [CompletionItem(word) for word in (*whole, *fitting)]


def _addresses_in(path: str, begun: str) -> Sequence[str]:
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    seen = _seen(text)
    if _other_files.search(text) or not seen or (_axes.search(text) and ("[" in begun or begun in seen)):
        from kling_pipe.api.addressing import addresses_in

        return addresses_in(path, text) or seen
    return seen


def _seen(text: str) -> list[str]:
    """The keys of the least indentation below `steps:`."""
    block = _steps.search(text)
    found = list(_key.finditer(block[1])) if block else []
    least = min((len(one[1]) for one in found), default=0)
    return list(dict.fromkeys(one[3] for one in found if len(one[1]) == least))


Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
_by_name: dict[str, Completion] = {
    "storyboard": storyboards,
    "storyboards": storyboards,
    "only": addresses,
    "address": addresses,
    "addresses": addresses,
    "step": addresses,
}
