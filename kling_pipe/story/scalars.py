"""What an unquoted YAML scalar means: the 1.2 core schema, so `9:16`, `no` and `010` are not 556, false and 8."""

from __future__ import annotations

import math
import re

# YAML 1.2.2 section 10.3.2 lists these forms. Two are left as text on purpose: `.inf` and `.nan`, and numbers that
# overflow to them, since nothing here can be infinite and JSON cannot say so.
_words: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_decimal = re.compile(r"[-+]?[0-9]+\Z")
_based = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_float = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_starts = frozenset("+-.0123456789~nNtTfF")
_longest_number = 300  # digits; beyond it nobody means a number, and Python refuses to read 4300


def resolve(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar."""
    if text and text[0] not in _starts:
        return text
    if text in _words:
        return _words[text]
    return _number(text) if len(text) <= _longest_number else text


def _number(text: str) -> str | int | float:
    if _decimal.match(text):
        return int(text)
    if _based.match(text):
        return int(text, 0)
    if _float.match(text):
        value = float(text)
        return value if math.isfinite(value) else text
    return text
