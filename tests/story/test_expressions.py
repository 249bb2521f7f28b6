"""Expressions within text, over a scope of plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.story.expressions import ExpressionError, evaluate

scope = {
    "vars": {
        "product": "trail shoe", "count": 5, "half": 0.5, "whole": 2.0, "flag": True, "nothing": None, "empty": "",
        "list": ["a", "b"], "lines": {"de": "Los", "en": "Go", "1": "one"}, "language": "de",
        "deep": {"list": [{"x": 1}]},
        "spaces": "  x ", "quote": "it's é",
    },
    "step": {"id": "hero"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain $ {} <<<voice_1>>>", "plain $ {} <<<voice_1>>>"),
        ("a ${{ vars.product }} b", "a trail shoe b"),
        ("${{vars.count}}", 5),
        (" ${{ vars.flag }}\n", True),
        ("${{ vars.list }}", ["a", "b"]),
        ("${{ vars.nothing }}", None),
        ("[${{ vars.nothing }}]", "[]"),
        ("${{ vars.count }} ${{ vars.half }} ${{ vars.whole }} ${{ vars.flag }}", "5 0.5 2 true"),
        ("${{ vars.list[0] }}${{ vars.list[-1] }}", "ab"),
        ("${{ vars.lines[vars.language] }}", "Los"),
        ("${{ vars['lines'].en }}", "Go"),
        ("${{ vars.lines[1] }}", "one"),
        ("${{ vars.deep.list[0].x }}", 1),
        ("${{ vars.missing or 'none' }}", "none"),
        ("${{ vars.empty or vars.nothing or 3 }}", 3),
        ("${{ vars.lines.fr or vars.lines.en | upper }}", "GO"),
        ("${{ (vars.missing or vars.product) | title }}", "Trail Shoe"),
        ("${{ vars.quote | title }}", "It's É"),
        ("${{ vars.product | slug }}.png", "trail-shoe.png"),
        ("${{ vars.quote | slug }}", "it-s-e"),
        ("${{ vars.list | join }}", "a, b"),
        ('${{ vars.list | join(" / ") | upper }}', "A / B"),
        ("[${{ vars.spaces | trim }}]", "[x]"),
        ("${{ vars.count | lower }}", "5"),
        ("${{ step.id }}", "hero"),
        ("$${{ vars.product }}", "${{ vars.product }}"),
        ("$${{ a }} ${{ vars.count }}", "${{ a }} 5"),
        ("${{ '}}' }}", "}}"),
        ("${{ vars.count }}}", "5}"),
    ],
)
def test_text_evaluates_to(text: str, value: object) -> None:
    found = evaluate(text, scope)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("a ${{ vars.prodct }}", "unknown-name", "vars.prodct"),
        ("${{ vars.product.x }}", "unknown-name", "vars.product.x"),
        ("${{ foo.bar }}", "unknown-name", "foo"),
        ("${{ vars.list[2] }}", "unknown-name", "vars.list[2"),
        ("${{ vars.list['x'] }}", "unknown-name", "vars.list['x'"),
        ("${{ vars.x or vars.y }}", "unknown-name", "vars.y"),
        ("${{ variant.locale }}", "unknown-name", "variant"),
        ("${{ each.shot }}", "unknown-name", "each"),
        ("${{ vars.product | shout }}", "unknown-filter", "shout"),
        ("${{ vars.list | upper }}", "bad-expression", "upper"),
        ("${{ vars.product | join }}", "bad-expression", "join"),
        ("${{ vars.product | upper('x') }}", "bad-expression", "'x'"),
        ("x ${{ vars.lines }}", "bad-expression", "vars.lines"),
        ("${{ vars.product", "bad-expression", "${{"),
        ("${{ }}", "bad-expression", " "),
        ("${{ vars. }}", "bad-expression", "."),
        ("${{ vars.a b }}", "bad-expression", "b"),
        ("${{ vars.count + 1 }}", "bad-expression", "+"),
        ("${{ __import__('os') }}", "unknown-name", "__import__"),
        ("${{ vars.product.__class__ }}", "unknown-name", "vars.product.__class__"),
        ("${{" + "(" * 100 + "1" + ")" * 100 + "}}", "bad-expression", "("),
    ],
)
def test_text_is_refused_at(text: str, code: str, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, scope)
    error = caught.value
    assert (error.code, text[error.offset : error.offset + error.length]) == (code, part)


def offset_of_error(text: str) -> int:
    """Where a text is wrong; 0 when it is right."""
    try:
        evaluate(text, scope)
    except ExpressionError as error:
        return error.offset
    return 0


@given(st.text(max_size=60))
def test_text_without_expressions_is_untouched(text: str) -> None:
    if "${{" not in text:
        assert evaluate(text, scope) is text


@given(st.text(alphabet="varslist.[]0'\"|or ()x${}", max_size=40))
def test_any_expression_gives_a_value_or_an_error_within_the_text(inner: str) -> None:
    text = "a ${{ " + inner + " }} b"
    assert 0 <= offset_of_error(text) <= len(text)


@given(st.text(max_size=40))
def test_a_value_never_becomes_an_expression_itself(value: str) -> None:
    assert evaluate("${{ vars.x }}", {"vars": {"x": value}}) == value
    assert evaluate("<${{ vars.x }}>", {"vars": {"x": value}}) == f"<{value}>"
