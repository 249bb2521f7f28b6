"""Reads the tool's command line: flags of a command and of a model, other names, `--no-…`, and split lists.

Rules (picsart.md sections 4, 6 and 7):
1. A flag takes the word behind it, or what follows its `=`.
2. Lists of objects are split flags, paired by position; lists of ids repeat the plain flag.
3. A flag that no model knows is a card; one of another model, or a value outside its list, is a usage error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kling_pipe.providers.picsart.fake_executable_models import Model, Param, kebab, models, of_other_models
from kling_pipe.providers.picsart.fake_executable_stops import Card, Exit, Stop


@dataclass(slots=True)
class Line:
    """A command line, read: words without a flag, switches, and texts by the flag's name in the order given."""

    words: list[str] = field(default_factory=list)
    switches: set[str] = field(default_factory=set)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The last text of a flag."""
        return self.texts[name][-1] if name in self.texts else default


def read(words: Sequence[str], command: str, switches: Mapping[str, str], texts: Mapping[str, str]) -> Line:
    """A command line by its flags' names, each with what it is called here; raises Stop."""
    line = Line()
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            line.words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if len(word) - len(word.lstrip("-")) != (1 if len(name) == 1 else 2):
            raise Card(word, command)
        if name in texts:
            line.texts.setdefault(texts[name], []).append(value if equals else _next(rest, word))
        elif name in switches:
            if equals:
                raise Stop(Exit.USAGE, f"Option --{name} takes no value")
            line.switches.add(switches[name])
        else:
            raise Card(word, command)
    return line


def flags_of_all_models() -> tuple[dict[str, str], dict[str, str]]:
    """Switches and texts that some model of the tool knows."""
    switches: dict[str, str] = {}
    texts: dict[str, str] = dict.fromkeys(of_other_models, "other")
    texts = {name: f"other:{name}" for name in texts}
    for model in models.values():
        for param in model.params:
            known = switches if param.kind == "boolean" else texts
            for flag in param.flags:
                known[flag] = f"{param.name}"
                if param.kind == "boolean":
                    known[f"no-{flag}"] = f"no:{param.name}"
            for name in param.fields if len(param.fields) > 1 else ():
                texts[f"{kebab(param.name)}-{kebab(name)}"] = f"{param.name}.{name}"
    return switches, texts


def params_of(model: Model, line: Line) -> dict[str, object]:
    """The parameters that a line gives a model, checked one by one; raises Stop."""
    params: dict[str, object] = {}
    for name in line.switches:
        param = _param(model, name.removeprefix("no:"))
        params[param.name] = not name.startswith("no:")
    for name, given in line.texts.items():
        root, _, part = name.partition(".")
        param = _param(model, root)
        if part:
            items = params.setdefault(root, [])
            assert isinstance(items, list)
            _pair(items, part, given)
        elif param.kind == "list":
            params[root] = [{param.fields[0]: text} for text in given]
        elif param.many:
            params[root] = list(given)
        else:
            params[root] = given[-1]
    return {name: checked(model.by_name[name], value) for name, value in params.items()}


def checked(param: Param, value: object) -> object:
    """A parameter's value as its kind wants it; raises Stop."""
    if param.kind == "enum":
        return _choice(param, value)
    if param.kind == "range":
        return _number(param, value)
    if param.most and isinstance(value, str | list) and len(value) > param.most:
        raise Stop(Exit.VALIDATION, f"{param.name} takes at most {param.most}")
    return value


def _param(model: Model, name: str) -> Param:
    if name not in model.by_name:
        flag = name.removeprefix("other:")
        raise Stop(Exit.USAGE, f"Option --{kebab(flag)} is not supported by model {model.id}")
    return model.by_name[name]


def _choice(param: Param, value: object) -> object:
    found = next((choice for choice in param.values if str(choice) == str(value)), None)
    if found is None:
        listed = ", ".join(map(str, param.values))
        raise Stop(Exit.USAGE, f"Invalid value {value!r} for {param.name}", f"Allowed: {listed}")
    return found


def _number(param: Param, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise Stop(Exit.USAGE, f"Invalid value {value!r} for {param.name}: not a number") from None
    if not param.low <= number <= param.high:
        raise Stop(Exit.VALIDATION, f"{param.name} must be between {param.low:g} and {param.high:g}")
    steps = (number - param.low) / param.step
    if abs(steps - round(steps)) > 1e-6:
        raise Stop(Exit.VALIDATION, f"{param.name} must be a multiple of {param.step:g}")
    return int(number) if number.is_integer() else number


def _pair(items: list[dict[str, str]], part: str, given: Sequence[str]) -> None:
    """Lays the texts of one split flag beside those of the others: the first to the first, and so on."""
    while len(items) < len(given):
        items.append({})
    for item, text in zip(items, given, strict=False):
        item[part] = text


def _next(rest: Iterator[str], word: str) -> str:
    for text in rest:
        return text
    raise Stop(Exit.USAGE, f"Option {word} needs a value")
