"""What is added to an editor's settings, and that nothing of them is lost."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kling_pipe.commands.editor_settings import NotSettings, with_schemas

wanted = {"./a.json": ["a.yaml"]}


def added(text: str) -> str:
    return with_schemas(text, "yaml.schemas", wanted)


def ours(step: str = "  ") -> str:
    """What is added, indented as its surroundings are."""
    lines = json.dumps({"yaml.schemas": wanted}, indent=step).splitlines()[1:-1]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{{\n{ours()}\n}}\n"),
        ("{}", f"{{\n{ours()}\n}}"),
        (
            '// mine\n{\n    // how wide\n    "editor.rulers": [100,], /* so */\n}\n',
            f'// mine\n{{\n{ours("    ")},\n    // how wide\n    "editor.rulers": [100,], /* so */\n}}\n',
        ),
        ('{"a": 1}', f'{{\n{ours()},\n  "a": 1}}'),
        ('{\n\t"yaml.schemas": {}\n}', "{\n" + ours("\t") + "\n}"),
        ('{\r\n  "a": 1\r\n}\r\n', f'{{\n{ours()},\n  "a": 1\n}}\n'.replace("\n", "\r\n")),
        ("{\n  // a comment\n}\n", f"{{\n{ours()}\n  // a comment\n}}\n"),
        (
            '{\n  "yaml.schemas": {\n    "x": "y" // theirs\n  },\n  "z": "{\\"yaml.schemas\\": {}}"\n}',
            "{\n" + ours()[: -len("\n  }")] + ',\n    "x": "y" // theirs\n  },\n  "z": "{\\"yaml.schemas\\": {}}"\n}',
        ),
    ],
)
def test_what_is_added_where(before: str, after: str) -> None:
    assert added(before) == after
    assert added(after) == after


@pytest.mark.parametrize(
    "text",
    ["[]", "1", '{"a": }', '{"a" 1}', "{a: 1}", '{"a": 1', '{"a": 1}}', '{"yaml.schemas": []}', "{,}",
     '{"a": 1 "b": 2}', "[" * 1000, '{"a": "b}', "/* {}", "<<<<<<< HEAD\n{}"],
)  # fmt: skip
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(NotSettings):
        added(text)


values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(some.dictionaries(some.text(max_size=12), values, max_size=4), some.sampled_from([None, 2, 4, "\t"]))
def test_other_settings_stay_as_they_are(settings: dict[str, object], indent: int | str | None) -> None:
    before = json.dumps(settings, indent=indent, ensure_ascii=False)
    after = added(before)
    assert json.loads(after) == {**settings, "yaml.schemas": wanted}
    rest = re.sub(r"\s+", "", after)
    for line in before.splitlines():
        assert re.sub(r"\s+", "", line.strip(" {}")) in rest
