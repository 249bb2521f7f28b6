"""Canonical JSON and sha256: everything that is hashed goes through here, with a type tag first."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal


def canonical(value: object) -> str:
    """The one encoding that is hashed: sorted keys, no spaces, NFC text, whole floats as integers."""
    return _encoder.encode(_plain(value))


def digest_of(tag: str, value: object) -> str:
    """The sha256 (hex) of a type tag and a value's canonical form."""
    return hashlib.sha256((tag + "\n" + canonical(value)).encode()).hexdigest()


def bytes_digest(data: bytes) -> str:
    """The sha256 (hex) of raw bytes, as the store names its objects."""
    return hashlib.sha256(data).hexdigest()


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: object) -> object:
    match value:
        # The types themselves come first, because nearly all values are of them and other mappings take long to tell.
        case str():
            return value if value.isascii() else unicodedata.normalize("NFC", value)
        case None | bool() | int():
            return value
        case dict():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return int(value) if value.is_integer() else value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            return {str(_plain(key)): _plain(item) for key, item in value.items()}
        case _:
            raise TypeError(f"cannot be hashed: {type(value).__name__}")
