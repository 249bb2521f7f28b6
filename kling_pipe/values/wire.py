"""Requests and responses as plain values; the one place besides `story/document` where `dict[str, Any]` is seen."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]

scratch = "{scratch}"  # alone as an argument of an executable: a folder for this one run, thrown away behind it


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a multipart form: a text, or with a file name the bytes of a file."""

    name: str
    text: str = ""
    filename: str = ""
    mime: str = ""
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a provider, without its address: `path` begins with `/`, the transport knows the base URL.

    The method `RUN` is for a provider's own executable: `arguments` follow its name, `headers` are variables of its
    environment; the answer's status is the exit code, its body stdout, its header `x-stderr` the rest, and `x-seconds`
    how long it ran.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Json | list[Json] | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold a credential: never shown
    creates: bool = False  # True: sending it may cost money, so a lost answer is never simply sent again
    form: tuple[FormPart, ...] = ()  # in place of a body
    host: str = ""  # another of the profile's addresses by its name, such as `upload`
    patience: float = 0.0  # seconds to wait for the answer; 0 means the usual
    arguments: tuple[str, ...] = ()
    name: str = ""  # of what an executable makes: its answer is kept under it

    @property
    def fields(self) -> Json:
        """The body where it is an object, else nothing."""
        return self.body if isinstance(self.body, dict) else {}

    def with_header(self, name: str, value: str) -> Request:
        kept = tuple((key, old) for key, old in self.headers if key.lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: HTTP status, header names in lower case, the raw body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json | None:
        """The body as a JSON object, or None when it is anything else (never raises)."""
        try:
            value = json.loads(self.body.decode(json.detect_encoding(self.body), "replace"))
            value = _with_whole_letters(value) if b"\\u" in self.body else value
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def retry_after(self) -> float | None:
        """Seconds of a numeric `Retry-After` header, or None."""
        text = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(text)
        except ValueError:
            return None
        return max(0.0, seconds) if math.isfinite(seconds) else None


def _with_whole_letters(value: Any) -> Any:
    """The value without halves of letters (`\\ud83d` alone), which no file and no database takes."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_with_whole_letters(key): _with_whole_letters(item) for key, item in value.items()}
    return [_with_whole_letters(item) for item in value] if isinstance(value, list) else value
