"""Texts as documents: what a value means, where it stands, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kling_pipe.errors import Problem, TextFailure
from kling_pipe.story.document import Document, decode
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.scalars import resolve
from kling_pipe.values.span import Span


def parsed(text: str) -> object:
    return Document.parse(text, "a.yaml").root


def refused(text: str) -> list[str]:
    with pytest.raises(TextFailure) as caught:
        Document.parse(text, "a.yaml")
    return [f"{problem.span} {problem.code}" for problem in caught.value.problems]


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "||||||| 1a2b3c", "=======", ">>>>>>> theirs"])
def test_the_first_mark_of_a_merge_is_where_the_text_is_wrong(mark: str) -> None:
    problems = problems_of(f"a: 1\n{mark}\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n")
    assert [(str(one.span), one.code, one.message) for one in problems] == [
        ("a.yaml:2:1", "yaml-syntax", "a merge was left undone here")
    ]


def problems_of(text: str) -> tuple[Problem, ...]:
    """All problems of a text, whether they stopped its reading or not."""
    try:
        return Document.parse(text, "a.yaml").problems
    except TextFailure as failure:
        return failure.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9:16", "9:16"), ("16:9", "16:9"), ("1:1", "1:1"), ("no", "no"), ("off", "off"), ("on", "on"), ("yes", "yes"),
        ("1:30", "1:30"), ("2026-01-01", "2026-01-01"), ("010", 10), ("1_000", "1_000"), ("1e3", 1000.0),
        ("0x1F", 31), ("0o17", 15), ("-0x1F", "-0x1F"), ("+5", 5), ("-5", -5), (".5", 0.5), ("5.", 5.0),
        ("true", True), ("True", True), ("tRUE", "tRUE"), ("FALSE", False), ("null", None), ("~", None), ("", None),
        (".inf", ".inf"), ("-.inf", "-.inf"), (".nan", ".nan"), ("1e999", "1e999"), ("9" * 5000, "9" * 5000),
        ("e3", "e3"), ("-", "-"), ("none", "none"), ("1.2.3", "1.2.3"), ("321922438904313999", 321922438904313999),
    ],
)  # fmt: skip
def test_unquoted_scalars_are_yaml_1_2_core(text: str, value: object) -> None:
    assert (type(resolve(text)), resolve(text)) == (type(value), value)


def test_quoted_scalars_are_text_and_keys_are_text() -> None:
    assert parsed("a: '5'\nb: \"true\"\n1: x\nnull: y\nc: |\n  9\n") == {
        "a": "5", "b": "true", "1": "x", "null": "y", "c": "9\n",
    }  # fmt: skip


def test_every_key_and_value_has_its_place() -> None:
    document = Document.parse('a: one\n"b": {c: [2, "three"]}\nd:\n  - 日本\n', "a.yaml")
    root = document.root
    inner = root["b"]["c"]
    assert [str(document.key_span(root, key)) for key in root] == ["a.yaml:1:1", "a.yaml:2:1", "a.yaml:3:1"]
    assert [(document.value_span(inner, i).column, document.value_span(inner, i).length) for i in (0, 1)] == [
        (11, 1), (14, 7),
    ]  # fmt: skip
    assert document.value_span(root, "a") == document.span(root.value_place("a"))
    assert document.value_span(root, "b") == document.key_span(root, "b")
    assert (document.value_span(root["d"], 0).line, document.value_span(root["d"], 0).length) == (4, 2)


def test_a_value_over_several_lines_is_marked_on_its_first() -> None:
    document = Document.parse('a: "one\n  two"\nb: |\n  three\n', "a.yaml")
    spans = [document.value_span(document.root, key) for key in "ab"]
    assert [(span.line, span.column, span.length) for span in spans] == [(1, 4, 4), (3, 4, 1)]


def test_byte_order_mark_and_line_ends_do_not_shift_places() -> None:
    document = Document.parse("\ufeffa: 1\r\nb: 2\rc: 3\n", "a.yaml")
    assert [str(document.value_span(document.root, key)) for key in "abc"] == [
        "a.yaml:1:4", "a.yaml:2:4", "a.yaml:3:4",
    ]  # fmt: skip


def test_anchors_and_merge_keys_keep_the_line_they_come_from() -> None:
    document = Document.parse(
        "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  a: 0\nq: {'<<': 5}\n", "a.yaml"
    )
    merged = document.root["z"]
    assert merged == {"a": 0, "b": 2, "c": 4}
    assert [str(document.value_span(merged, key)) for key in "abc"] == ["a.yaml:5:6", "a.yaml:1:17", "a.yaml:2:17"]
    assert document.root["q"] == {"<<": 5}


def test_duplicate_keys_and_tags_are_told_together_and_the_first_value_stays() -> None:
    document = Document.parse("a: 1\na: 2\nb: !!int 3\nc: !x {d: 1, d: 2}\n", "a.yaml")
    assert document.root == {"a": 1, "b": "3", "c": {"d": 1}}
    assert [f"{problem.span} {problem.code}" for problem in document.problems] == [
        "a.yaml:2:1 duplicate-key", "a.yaml:3:4 yaml-tag", "a.yaml:4:4 yaml-tag", "a.yaml:4:14 duplicate-key",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1 empty-file"),
        ("# words\n", "1:1 empty-file"),
        ("a: 1\n---\nb: 2\n", "2:1 several-documents"),
        ("a:\n\tb: 1\n", "2:1 tab"),
        ("a: b: c\n", "1:5 yaml-syntax"),
        ("a: 'b\n\n\n", "1:6 yaml-syntax"),
        ("a: [1, 2\n", "1:9 yaml-syntax"),
        ("a: *x\n", "1:4 unknown-alias"),
        ("a: &a [*a]\n", "1:8 unknown-alias"),
        ("a: x\x07y\n", "1:5 control-character"),
        ("a: \ud800\n", "1:4 control-character"),
        ("a: x\u2028y\n", "1:5 control-character"),
        ("[" * 100_000, "1:65 too-deep"),
        ("- " * 100_000, "1:129 too-deep"),
        ("%FOO\n--- a\n", "1:5 yaml-syntax"),
    ],
)
def test_texts_that_cannot_be_read(text: str, said: str) -> None:
    assert refused(text) == [f"a.yaml:{said}"]


def test_nesting_through_aliases_counts() -> None:
    deep = "a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 30 + "*a" + "]" * 30 + "\n"
    assert refused(deep) == ["a.yaml:2:34 too-deep"]


def test_aliases_that_multiply_are_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert refused(bomb) == ["a.yaml:6:36 alias-bomb"]


@pytest.mark.slow
def test_files_over_sixteen_megabytes_are_refused() -> None:
    assert refused("a: " + "x" * (16 << 20)) == ["a.yaml:1:1 too-large"]
    assert refused("a: " + "é" * (8 << 20)) == ["a.yaml:1:1 too-large"]


def test_bytes_that_are_not_utf_8_have_a_place() -> None:
    assert decode("a: é\n".encode(), "a.yaml") == "a: é\n"
    with pytest.raises(TextFailure) as caught:
        decode("é: 1\nbé: ".encode() + b"\xff\n", "a.yaml")
    assert [f"{problem.span} {problem.code}" for problem in caught.value.problems] == ["a.yaml:2:5 not-utf-8"]


@given(st.text(max_size=200))
@example("? [a]\n: b\n? *x\n")
@example("? {a: {b: c}}\n")
@example("!!map {&a a: *a}\n")
@example("<<: 1\n<<: [*x]\n")
@example("&a\n&b x")
@example("{a, b: {c}, }")
@example("--- >\n \t\n...\n")
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    assert all(problem.span is not None and problem.span.line >= 1 for problem in problems_of(text))


yaml_pieces = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "<<: ",
        "? ",
        ": ",
        "'",
        '"',
        "|\n",
        "!t ",
        "#",
    ]
)


@given(st.lists(yaml_pieces, max_size=30).map("".join))
def test_any_mix_of_yaml_signs_is_read_or_refused(text: str) -> None:
    assert all(problem.code and problem.span is not None for problem in problems_of(text))


printable = st.text(st.characters(min_codepoint=32, max_codepoint=126))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.slow
@given(st.dictionaries(st.text("abcxyz_", min_size=1), values, min_size=1, max_size=5))
def test_json_reads_as_itself_and_every_place_points_at_its_value(value: dict[str, object]) -> None:
    text = json.dumps(value, indent=1)
    document = Document.parse(text, "a.json")
    assert document.root == value
    assert document.problems == ()
    _check_places(document, document.root)


def _check_places(document: Document, node: Map | Seq) -> None:
    for key in node if isinstance(node, Map) else range(len(node)):
        item = node[key]
        if isinstance(node, Map):
            assert _shown(document, document.key_span(node, str(key))) == json.dumps(key)
        if isinstance(item, Map | Seq):
            _check_places(document, item)
        elif isinstance(node, Seq):
            assert _shown(document, document.value_span(node, int(key))) == json.dumps(item)
        else:
            assert _shown(document, document.span(node.value_place(str(key)))) == json.dumps(item)


def _shown(document: Document, span: Span) -> str:
    return document.lines[span.line - 1][span.column - 1 : span.column - 1 + span.length]
