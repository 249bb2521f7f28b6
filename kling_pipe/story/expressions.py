"""Expressions: `${{ vars.product or "shoe" | title }}` within text, over a scope of plain values, without any code.

    expression = choice
    choice     = filtered { "or" filtered }        the first that exists and is neither nothing nor empty text
    filtered   = operand { "|" filter [ "(" text ")" ] }
    operand    = lookup | text in quotes | number | "(" choice ")"
    lookup     = name { "." name | "[" ( number | text in quotes | lookup ) "]" }

`$${{` is a literal `${{`. A text that is one whole expression keeps the expression's type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kling_pipe.story.filters import filters, kind_of, plain_text
from kling_pipe.story.spelling import name_hint, nearest, one_of

Scope = Mapping[str, Any]
opening = "${{"
longest_result = 200_000  # characters; texts that double each other would grow without end


class ExpressionError(Exception):
    """What is wrong with an expression; `offset` counts characters from the start of the text that holds it."""

    def __init__(self, code: str, message: str, offset: int, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.length = max(1, length)
        self.hint = hint


def evaluate(text: str, scope: Scope) -> Any:
    """The text with its expressions replaced; raises ExpressionError. Names missing from the scope are errors."""
    if opening not in text:
        return text
    pieces = _pieces(text)
    shown = [piece for piece in pieces if isinstance(piece, _Expression) or piece.strip()]
    if len(shown) == 1 and isinstance(shown[0], _Expression):
        return _value_of(shown[0], scope)
    result = "".join(piece if isinstance(piece, str) else _text_of(piece, scope) for piece in pieces)
    if len(result) > longest_result:
        message = f"the text grows to {len(result):,} characters, at most {longest_result:,} are possible"
        raise ExpressionError("too-long", message, text.find(opening), len(opening), "repeat less")
    return result


@lru_cache(8192)
def mentions(text: str) -> frozenset[tuple[str, str]]:
    """What the expressions of a text look up, as root and first name: (`variant`, `locale`), (`vars`, `product`).

    The name is empty where it is not written out, as in `variant[vars.axis]`. A text that is wrong mentions nothing."""
    if opening not in text:
        return frozenset()
    try:
        sources = [piece.source for piece in _pieces(text) if isinstance(piece, _Expression)]
        return frozenset(mention for source in sources for mention in _mentions(_tokens(source)))
    except ExpressionError:
        return frozenset()


def lookup_of(text: str) -> tuple[Any, ...]:
    """The names and indexes of a text that is one lookup and nothing else: (`each`, `shot`, `seconds`).

    An index that is a lookup itself is a tuple of its own; empty for any other text."""
    try:
        pieces = [piece for piece in _pieces(text) if isinstance(piece, _Expression) or piece.strip()]
        if len(pieces) != 1 or not isinstance(pieces[0], _Expression):
            return ()
        found, rest = _lookup(_tokens(pieces[0].source), 0)
        return found if rest[0].kind == "end" else ()
    except ExpressionError:
        return ()


def _lookup(tokens: Sequence[_Token], depth: int) -> tuple[tuple[Any, ...], Sequence[_Token]]:
    if tokens[0].kind != "name" or depth > _deepest:
        return (), tokens
    found: list[Any] = [tokens[0].value]
    rest = tokens[1:]
    while rest[0].kind == "sign" and rest[0].value in (".", "["):
        if rest[0].value == ".":
            found.append(rest[1].value)
            rest = rest[2:]
            continue
        if rest[1].kind in ("number", "text"):
            key, rest = rest[1].value, rest[2:]
        else:
            key, rest = _lookup(rest[1:], depth + 1)
        if not (rest[0].kind == "sign" and rest[0].value == "]"):
            return (), rest
        found.append(key)
        rest = rest[1:]
    return tuple(found), rest


def _mentions(tokens: Sequence[_Token]) -> Iterator[tuple[str, str]]:
    for number, token in enumerate(tokens):
        inner = number > 0 and tokens[number - 1].kind == "sign" and tokens[number - 1].value == "."
        if token.kind != "name" or inner or token.value == "or":
            continue
        sign, name = (*tokens[number + 1 : number + 3], None, None)[:2]
        opens = sign is not None and sign.kind == "sign" and sign.value in (".", "[")
        written = opens and name is not None and name.kind == ("name" if sign and sign.value == "." else "text")
        yield str(token.value), str(name.value) if written and name is not None else ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A lookup such as `with.title` in a text: where it stands, the first name in it, which is empty where none is
    written out, and whether it is all that the text holds."""

    start: int
    end: int
    name: str
    alone: bool


def lookups(text: str, root: str) -> list[Lookup]:
    """Every lookup in a text that begins with a root. A text that is wrong has none; evaluating it tells what is."""
    if opening not in text:
        return []
    try:
        pieces = [piece for piece in _pieces(text) if isinstance(piece, _Expression) or piece.strip()]
        expressions = [piece for piece in pieces if isinstance(piece, _Expression)]
        return [found for piece in expressions for found in _lookups(piece, root, alone=len(pieces) == 1)]
    except ExpressionError:
        return []


def _lookups(expression: _Expression, root: str, *, alone: bool) -> Iterator[Lookup]:
    tokens = _tokens(expression.source)
    for number, token in enumerate(tokens):
        if token.kind != "name" or token.value != root or (number and tokens[number - 1].value == "."):
            continue
        sign, name = (*tokens[number + 1 : number + 3], token, token)[:2]
        found = sign.kind == "sign" and sign.value == "." and name.kind == "name"
        last = name if found else token
        end = expression.offset + last.offset + last.length
        start = expression.offset + token.offset
        yield Lookup(start, end, str(name.value) if found else "", alone and found and len(tokens) == 4)


@dataclass(frozen=True, slots=True)
class _Expression:
    source: str
    offset: int  # of the source, after `${{`


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # name, number, text, sign, end
    value: Any
    offset: int
    length: int


class _Missing:
    """A lookup that found nothing; `or` goes on from it, everything else refuses it."""

    def __init__(self, error: ExpressionError) -> None:
        self.error = error


def _pieces(text: str) -> list[str | _Expression]:
    pieces: list[str | _Expression] = []
    at = 0
    while True:
        found = text.find(opening, at)
        if found < 0:
            pieces.append(text[at:])
            return pieces
        if found > at and text[found - 1] == "$":
            pieces.append(text[at : found - 1] + opening)
            at = found + len(opening)
            continue
        pieces.append(text[at:found])
        end = _closing(text, found + len(opening))
        if end < 0:
            hint = "end it with `}}`, or write `$${{` for a literal `${{`"
            raise ExpressionError("bad-expression", "this `${{` has no `}}`", found, len(opening), hint)
        pieces.append(_Expression(text[found + len(opening) : end], found + len(opening)))
        at = end + 2


argument = "with "  # begins the name of a variable that holds a parameter's value of a fragment: `with intro.title`


def _indexed(path: str, key: Any) -> str:
    """A lookup by an index as it reads in messages; a parameter as it is written in its fragment."""
    if path == "vars" and isinstance(key, str) and key.startswith(argument):
        return f"with.{key.partition('.')[2]}"
    return f"{path}[{key}]"


_plain_name = re.compile(r"[A-Za-z0-9_-]+\Z")
_until_closing = re.compile(r"""(?:[^'"}]|"[^"]*"|'[^']*'|\}(?!\}))*""")


def _closing(text: str, start: int) -> int:
    """Where `}}` stands, quotes aside; -1 when nowhere."""
    match = _until_closing.match(text, start)
    end = match.end() if match else start
    return end if text.startswith("}}", end) else text.find("}}", start)


_token = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"""
    r"""|(?P<text>"[^"]*"|'[^']*')|(?P<sign>[.\[\]()|]))"""
)


@lru_cache(4096)
def _tokens(source: str) -> tuple[_Token, ...]:
    """The tokens of an expression, with offsets within it; remembered, as one expression stands in many steps."""
    tokens: list[_Token] = []
    at = 0
    end = len(source.rstrip())
    while at < end:
        match = _token.match(source, at)
        if match is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            hint = "an expression is a name such as `vars.product`, `or`, and filters after `|`"
            raise ExpressionError("bad-expression", f"`{source[at]}` does not belong in an expression", at, 1, hint)
        kind = str(match.lastgroup)
        word = match[kind]
        value: Any = word
        if kind == "number":
            value = float(word) if "." in word else int(word)
        elif kind == "text":
            value = word[1:-1]
        tokens.append(_Token(kind, value, match.start(kind), len(word)))
        at = match.end()
    tokens.append(_Token("end", "", max(0, end - 1), 1))
    return tuple(tokens)


_deepest = 32


class _Reader:
    """Reads and evaluates in one pass: expressions are short and each is read once per text."""

    def __init__(self, expression: _Expression, scope: Scope) -> None:
        self.tokens = _tokens(expression.source)
        self.scope = scope
        self.at = 0
        self.depth = 0

    def whole(self) -> Any:
        value = self.choice()
        if self.peek().kind != "end":
            raise self.unexpected(self.peek(), "the expression could end here")
        return value

    def choice(self) -> Any:
        value = self.filtered()
        while self.peek().kind == "name" and self.peek().value == "or":
            self.next()
            other = self.filtered()
            if isinstance(value, _Missing) or value is None or value == "":
                value = other
        return value

    def filtered(self) -> Any:
        value = self.operand()
        while self.is_sign("|"):
            self.next()
            token = self.next()
            if token.kind != "name" or token.value not in filters:
                hint = name_hint(str(token.value), filters)
                message = f"`{token.value}` is not a filter" if token.value else "a filter was expected after `|`"
                raise ExpressionError("unknown-filter", message, token.offset, token.length, hint)
            argument = self.argument(token)
            if not isinstance(value, _Missing):
                value = self.apply(token, value, argument)
        return value

    def argument(self, token: _Token) -> str | None:
        if not self.is_sign("("):
            return None
        self.next()
        text = self.next()
        if text.kind != "text" or token.value != "join":
            raise ExpressionError(
                "bad-expression", f"`{token.value}` takes no such argument", text.offset, text.length,
                'only `join(", ")` takes one, the text between the items',
            )  # fmt: skip
        self.expect(")")
        return str(text.value)

    def apply(self, token: _Token, value: Any, argument: str | None) -> Any:
        try:
            return filters[token.value](value, ", " if argument is None else argument)
        except TypeError:
            wants = "a list" if token.value == "join" else "text"
            raise ExpressionError(
                "bad-expression", f"`{token.value}` takes {wants}, found {kind_of(value)}", token.offset, token.length,
                "make a list one text with `| join`" if isinstance(value, list) else "",
            ) from None  # fmt: skip

    def operand(self) -> Any:
        token = self.next()
        if token.kind in ("number", "text"):
            return token.value
        if token.kind == "sign" and token.value == "(":
            self.enter(token)
            value = self.choice()
            self.depth -= 1
            self.expect(")")
            return value
        if token.kind == "name" and token.value != "or":
            return self.lookup(token)
        raise self.unexpected(token, "a name such as `vars.product` was expected")

    def lookup(self, token: _Token) -> Any:
        path = str(token.value)
        if path not in self.scope:
            hint = name_hint(path, self.scope)
            if path in axis_roots:
                hint = axis_roots[path]
            if isinstance(vars_ := self.scope.get("vars"), Mapping) and path in vars_:
                hint = f"write `vars.{path}`"
            raise ExpressionError("unknown-name", f"`{path}` is not a name here", token.offset, token.length, hint)
        value: Any = self.scope[path]
        while self.is_sign(".") or self.is_sign("["):
            sign = self.next()
            if sign.value == ".":
                name = self.next()
                if name.kind not in ("name", "number"):
                    raise self.unexpected(name, f"a name was expected after `{path}.`")
                key: Any = name.value
            else:
                key, name = self.index(sign)
            value = self.inside(value, key, path, name, token)
            path = f"{path}.{key}" if sign.value == "." else _indexed(path, key)
        return value

    def index(self, sign: _Token) -> tuple[Any, _Token]:
        self.enter(sign)
        token = self.next()
        if token.kind in ("number", "text"):
            key = token.value
        elif token.kind == "name":
            key = self.known(self.lookup(token))
        else:
            raise self.unexpected(token, "an index was expected")
        self.depth -= 1
        self.expect("]")
        return key, token

    def inside(self, value: Any, key: Any, path: str, at: _Token, first: _Token) -> Any:
        """What a container holds under a key, or the reason why it holds nothing."""
        start, length = first.offset, at.offset + at.length - first.offset
        if isinstance(value, _Missing):
            return value
        if isinstance(value, Mapping):
            name = plain_text(key) if isinstance(key, int | float | bool) else key
            if isinstance(name, str) and name in value:
                return value[name]
            known = [name for name in map(str, value) if _plain_name.match(name)]
            guess = nearest(str(name), known)
            hint = f"did you mean `{path}.{guess}`?" if guess else one_of(known)
            return _Missing(ExpressionError("unknown-name", f"`{path}` has no `{name}`", start, length, hint))
        if isinstance(value, list | tuple):
            if isinstance(key, int) and -len(value) <= key < len(value):
                return value[key]
            count = "1 item" if len(value) == 1 else f"{len(value)} items"
            hint = f"the first is `{path}[0]`"
            message = f"`{path}` has {count}, none is `{key}`"
            return _Missing(ExpressionError("unknown-name", message, start, length, hint))
        message = f"`{path}` is {kind_of(value)} and holds nothing named `{key}`"
        return _Missing(ExpressionError("unknown-name", message, start, length))

    def known(self, value: Any) -> Any:
        if isinstance(value, _Missing):
            raise value.error
        return value

    def enter(self, token: _Token) -> None:
        self.depth += 1
        if self.depth > _deepest:
            raise ExpressionError("bad-expression", "the expression nests too deep", token.offset, token.length)

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def next(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def is_sign(self, sign: str) -> bool:
        token = self.peek()
        return token.kind == "sign" and token.value == sign

    def expect(self, sign: str) -> None:
        token = self.next()
        if token.kind != "sign" or token.value != sign:
            raise self.unexpected(token, f"`{sign}` was expected")

    def unexpected(self, token: _Token, expected: str) -> ExpressionError:
        found = "the expression ends too early" if token.kind == "end" else f"`{token.value}` is not expected here"
        return ExpressionError("bad-expression", found, token.offset, token.length, expected)


def _value_of(expression: _Expression, scope: Scope) -> Any:
    try:
        reader = _Reader(expression, scope)
        return reader.known(reader.whole())
    except ExpressionError as error:
        at = error.offset + expression.offset
        raise ExpressionError(error.code, error.message, at, error.length, error.hint) from None


def _text_of(expression: _Expression, scope: Scope) -> str:
    value = _value_of(expression, scope)
    if isinstance(value, Mapping | list | tuple):
        hint = "make it one text with `| join`" if not isinstance(value, Mapping) else "name one of its entries"
        message = f"{kind_of(value)} cannot stand within text"
        source = expression.source
        start = expression.offset + len(source) - len(source.lstrip())
        raise ExpressionError("bad-expression", message, start, len(source.strip()), hint)
    return plain_text(value)


# Roots that a scope has only within steps, inputs and `deliver`, with what to do where it has not.
axis_roots: Mapping[str, str] = {
    "variant": "name axes under `variants`; their values are known within steps, `inputs` and `deliver`",
    "each": "give the step an axis: `each: {shot: [1, 2, 3]}`",
}
