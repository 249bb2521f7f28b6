"""Media and answers between here and a service: the values that cross that border, and what can go missing on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto

from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Material, Output, TaskRef
from kling_pipe.values.media import MediaFacts


class Form(Flag):
    """How a piece of media may travel to the service."""

    URL = auto()
    BASE64 = auto()
    ID = auto()  # the service's own id of something it made
    UPLOAD = auto()  # put into the service's own storage first, which costs nothing


@dataclass(frozen=True, slots=True)
class Handed:
    """A material on its way out: exactly one of `url`, `base64` and `id` is set. One that is `remembered` was put into
    the service's storage by an earlier run, so that it may be there no more."""

    url: str = ""
    base64: str = ""
    id: str = ""
    remembered: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if sum(map(bool, (self.url, self.base64, self.id))) != 1:
            raise ValueError("hand over one of a URL, Base64 and an id")

    @property
    def text(self) -> str:
        return self.url or self.base64 or self.id


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file in a service's own storage: how it is named in requests, and the seconds it lives after its last use."""

    handed: Handed
    lifetime: float


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a material's bytes can be had: the store (by digest), a local file, or a URL while it lives; `id` is the
    provider's own name for what it made, which lives as long as the URL. `task` made it as its file number `index`, on
    the account of `profile`: asked about it, the service may tell a new URL."""

    material: Material
    path: str = ""
    url: str = ""
    url_expires: float = 0.0  # Unix seconds; 0: does not expire
    id: str = ""
    task: TaskRef | None = None
    index: int = 0
    profile: str = ""


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


class NotUploaded(Exception):
    """A service did not take a file into its storage; nothing else was sent."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class AnswerMissing(Exception):
    """The request left, or may have left, and no usable answer came. `sent` False: it surely did not leave."""

    def __init__(self, code: str, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.sent = sent
