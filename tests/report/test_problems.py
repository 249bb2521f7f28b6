"""Problems as people read them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.errors import Problem, Severity
from kling_pipe.report.problems import problems_to_json, render_problems
from kling_pipe.values.span import Span


def shown(line: str, column: int, length: int = 1) -> list[str]:
    """The line and the carets for a place in a one-line text."""
    problem = Problem("code", "sentence", Span("a.yaml", 1, column, length))
    return render_problems([problem], {"a.yaml": line}).splitlines()[1:-1]


def test_a_problem_has_place_line_caret_sentence_and_hint() -> None:
    text = "steps:\n  clip:\n    kind: text-to-vidoe\n"
    problem = Problem(
        "unknown-kind", "`text-to-vidoe` is not a step kind", Span("a.yaml", 3, 11, 13), "did you mean `text-to-video`?"
    )
    assert render_problems([problem], {"a.yaml": text}) == (
        "a.yaml:3:11: unknown-kind\n"
        "  kind: text-to-vidoe\n"
        "        ^^^^^^^^^^^^^\n"
        "  `text-to-vidoe` is not a step kind\n"
        "\n"
        "hint: did you mean `text-to-video`?\n"
    )


def test_warnings_say_so_and_an_empty_line_stands_between() -> None:
    problems = [
        Problem("unused", "nobody uses it", severity=Severity.WARNING),
        Problem("gone", "the line is gone", Span("a.yaml", 9, 1)),
        Problem("elsewhere", "its text is not here", Span("b.yaml", 1, 1), severity=Severity.NOTE),
    ]
    assert render_problems(problems, {"a.yaml": "x: 1\n"}) == (
        "warning: unused\n  nobody uses it\n\n"
        "a.yaml:9:1: gone\n  the line is gone\n\n"
        "b.yaml:1:1: note: elsewhere\n  its text is not here\n"
    )


def test_no_problems_are_no_text() -> None:
    assert render_problems([], {}) == ""


def test_a_quiet_problem_names_the_place_and_hides_the_line() -> None:
    problem = Problem("secret-in-file", "a credential stands in this file", Span("a.yaml", 1, 6, 4), quiet=True)
    assert render_problems([problem], {"a.yaml": "key: abcd\n"}) == (
        "a.yaml:1:6: secret-in-file\n  a credential stands in this file\n"
    )


def test_the_caret_stands_right_under_wide_characters() -> None:
    assert shown("日本語: 値", 6, 1) == ["  日本語: 値", "          ^^"]
    assert shown("a: 「夜」 b", 8, 1) == ["  a: 「夜」 b", "            ^"]
    assert shown("é\u0301e: x", 5, 1) == ["  é\u0301e: x", "     ^"]


def test_tabs_and_control_characters_are_shown_as_they_can_be() -> None:
    assert shown("a:\tb", 4) == ["  a:    b", "        ^"]
    assert shown("a: \x1b[31mred", 4, 1) == ["  a: \\x1b[31mred", "     ^^^^"]
    assert shown("a: \u202egpj", 5, 3) == ["  a: \\u202egpj", "           ^^^"]


def test_indentation_is_dropped_and_a_caret_within_it_is_kept() -> None:
    assert shown("      a: b", 10, 1) == ["  a: b", "     ^"]
    assert shown("\tb: 1", 1, 1) == ["      b: 1", "  ^^^^"]


def test_a_long_line_is_cut_around_the_caret() -> None:
    line, carets = shown("x" * 500 + "HERE" + "y" * 500, 501, 4)
    assert line == "  …" + "x" * 40 + "HERE" + "y" * 56 + "…"
    assert carets == "   " + " " * 40 + "^^^^"
    assert shown("HERE" + "y" * 200, 1, 4) == ["  HERE" + "y" * 96 + "…", "  ^^^^"]


def test_carets_end_with_the_line() -> None:
    assert shown("a: b", 4, 500) == ["  a: b", "     ^"]
    assert shown("a: b", 40, 5) == ["  a: b", "      ^"]


def test_names_in_sentences_cannot_move_the_cursor() -> None:
    assert render_problems([Problem("code", "`\x1b[2J` is bad", None, "try\u202e")], {}) == (
        "code\n  `\\x1b[2J` is bad\n\nhint: try\\u202e\n"
    )


def test_json_form() -> None:
    problems = [Problem("a", "b", Span("c", 1, 2, 3), "d", Severity.WARNING), Problem("e", "f")]
    assert problems_to_json(problems) == [
        {
            "code": "a", "message": "b", "severity": "warning", "path": "c", "line": 1, "column": 2, "length": 3,
            "hint": "d",
        },
        {
            "code": "e", "message": "f", "severity": "error", "path": None, "line": None, "column": None,
            "length": None, "hint": "",
        },
    ]  # fmt: skip


@given(st.text(max_size=300), st.integers(1, 400), st.integers(1, 400), st.integers(1, 3))
def test_any_place_in_any_text_can_be_shown(text: str, column: int, length: int, line: int) -> None:
    problem = Problem("code", "sentence", Span("a.yaml", line, column, length))
    said = render_problems([problem], {"a.yaml": text}).split("\n")
    assert said[0] == f"a.yaml:{line}:{column}: code"
    assert said[-2:] == ["  sentence", ""]
    assert len(said) in (3, 5)
