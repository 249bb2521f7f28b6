"""Sources: the files of one storyboard, each opened where another names it and joined to the storyboard's document."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kling_pipe.errors import Failure, Problem, TextFailure
from kling_pipe.story.document import Document
from kling_pipe.story.offers import Folders, WireError
from kling_pipe.values.span import Span

FileReader = Callable[[str], str]  # the text of a file by its path; raises a Failure that says why there is none
deepest_naming = 32


class Sources:
    """The documents that are open, and every problem with finding and parsing them."""

    def __init__(self, document: Document, folders: Folders, read_file: FileReader) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.texts: dict[str, str] = {document.path: document.text}  # also those that cannot be parsed
        self._folders = folders
        self._read_file = read_file
        self._known: dict[str, Document | None] = {}  # by absolute path
        self._trail: dict[str, Document] = {}  # by absolute path; each names the next, the last is being looked at

    def add(self, *problems: Problem) -> None:
        self.problems += problems

    def error(self, code: str, message: str, span: Span, hint: str = "") -> None:
        self.add(Problem(code, message, span, hint))

    def open(self, text: str, by: Document, span: Span) -> Document | None:
        """The document that a path in a file leads to; None when there is none, which was told then."""
        try:
            absolute = self._folders.beside(by.path).absolute(text)
        except WireError as error:
            self.add(error.problem(span))
            return None
        path = os.path.normpath(os.path.join(os.path.dirname(by.path), text))
        if absolute in self._trail:
            start = list(self._trail).index(absolute)
            links = [document.path for document in list(self._trail.values())[start:]] + [path]
            circle = " → ".join(f"`{link}`" for link in links)
            self.error("file-cycle", f"files name each other: {circle}", span, "take one of the paths out")
            return None
        if len(self._trail) >= deepest_naming:
            message = f"files name each other more than {deepest_naming} deep"
            self.error("too-deep", message, span, "use fewer files in between")
            return None
        if absolute not in self._known:
            self._known[absolute] = self._parsed(path, span)
        return self._known[absolute]

    @contextmanager
    def within(self, document: Document) -> Iterator[None]:
        """For as long as what a document names is looked at."""
        absolute = os.path.abspath(document.path)
        self._trail[absolute] = document
        try:
            yield
        finally:
            del self._trail[absolute]

    def _parsed(self, path: str, span: Span) -> Document | None:
        try:
            text = self._read_file(path)
            self.texts[path] = text
            document = Document.parse(text, path)
        except TextFailure as failure:
            self.add(*failure.problems)
            return None
        except Failure as failure:
            self.error(failure.code, failure.message, span, failure.hint)
            return None
        self.document.join(document)
        self.add(*document.problems)
        return document


def no_files(path: str) -> str:
    """Reads nothing: for texts that stand alone."""
    raise Failure("file-missing", f"there is no file at `{path}`")
