"""What libyaml's syntax errors mean, in sentences for the author of the text."""

from __future__ import annotations

Sentence = tuple[str, str, str]  # code, message, hint


def syntax_sentence(problem: str, found: str) -> Sentence:
    """The sentence for libyaml's words and the character they point at."""
    if problem == _no_token and found in _characters:
        return _characters[found]
    if problem in _unclosed and found and found in "[]{}":
        return "yaml-syntax", f"text within brackets cannot hold `{found}`", "put the text into quotes"
    if problem in _sentences:
        return "yaml-syntax", *_sentences[problem]
    hint = "check indentation, colons and quotes around here"
    return "yaml-syntax", f"this is not YAML: {' '.join(problem.split())}", hint


_no_token = "found character that cannot start any token"
_unclosed = ("did not find expected ',' or ']'", "did not find expected ',' or '}'")
_quote = "put the text into quotes"
_sentences: dict[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": (
        "a `key: value` cannot begin here",
        "if the colon belongs to the text, put the text into quotes; else check the indentation",
    ),
    "found unexpected end of stream": ("a quote is not closed", "close it with the quote it began with"),
    "could not find expected ':'": ("a key has no `:`", "write `key: value`, with a space after the colon"),
    "did not find expected key": ("a key was expected here", "check the indentation of this line and the one above"),
    "did not find expected node content": ("a value was expected here", "check commas and brackets"),
    "did not find expected ',' or ']'": ("a list is not closed", "separate items by `,` and end with `]`"),
    "did not find expected ',' or '}'": ("a mapping is not closed", "separate entries by `,` and end with `}`"),
    "did not find expected '-' indicator": (
        "a list item beginning with `-` was expected here",
        "check the indentation of this line",
    ),
    "found unknown escape character": (
        "this escape is unknown in double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
}
_characters: dict[str, Sentence] = {
    "\t": ("tab", "a tab cannot indent", "indent with spaces"),
    "@": ("yaml-syntax", "text cannot begin with `@`", _quote),
    "`": ("yaml-syntax", "text cannot begin with a backtick", _quote),
    "%": ("yaml-syntax", "text cannot begin with `%`", _quote),
}
