"""Media and answers between here and a service: the values that cross that border, and what can go missing on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto

from kling_pipe.values.job import Material, Output
from kling_pipe.values.media import MediaFacts


class Form(Flag):
    """How a piece of media may travel to the service."""

    URL = auto()
    BASE64 = auto()


@dataclass(frozen=True, slots=True)
class Handed:
    """A material on its way out: exactly one of `url` and `base64` is set."""

    url: str = ""
    base64: str = ""

    def __post_init__(self) -> None:
        if bool(self.url) == bool(self.base64):
            raise ValueError("hand over either a URL or Base64")

    @property
    def text(self) -> str:
        return self.url or self.base64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a material's bytes can be had: the store (by digest), a local file, or a URL while it lives."""

    material: Material
    path: str = ""
    url: str = ""
    url_expires: float = 0.0  # Unix seconds; 0: does not expire


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is in the store and was looked at closely."""

    output: Output
    digest: str
    facts: MediaFacts


class FetchTrouble(Exception):
    """A file could not be fetched just now. `gone`: its URL no longer serves it, a fresh query may."""

    def __init__(self, message: str, *, gone: bool = False, damaged: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.gone = gone
        self.damaged = damaged


class AnswerMissing(Exception):
    """The request left, or may have left, and no usable answer came. `sent` False: it surely did not leave."""

    def __init__(self, code: str, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sent = sent
