"""What is read of a project file so far: its places, its problems, and what addresses, paths and credentials share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from kling_pipe.errors import Problem
from kling_pipe.story.document import Document
from kling_pipe.story.exposure import is_key_like, variable_name
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.places import Aspect, Path, Places
from kling_pipe.story.spelling import shown
from kling_pipe.values.profile import CredentialSource
from kling_pipe.values.span import Span


class ProjectDraft:
    """`folder` is the project file's own, which relative paths start from."""

    def __init__(self, document: Document, root: Map, folder: str) -> None:
        self.folder = folder
        self.problems: list[Problem] = list(document.problems)
        self.places = Places(document, document.root_place, root)

    def span(self, path: Path, aspect: Aspect = Aspect.VALUE) -> Span:
        return self.places.at(path, aspect)

    def error(self, code: str, message: str, path: Path, hint: str, aspect: Aspect = Aspect.VALUE) -> None:
        self.problems.append(Problem(code, message, self.span(path, aspect), hint))

    def quiet_error(self, code: str, message: str, path: Path, hint: str) -> None:
        """Of a key whose line may hold a credential: the place is named, the line is not shown."""
        self.problems.append(Problem(code, message, self.span(path, Aspect.KEY), hint, quiet=True))

    def absolute(self, text: str) -> str:
        """The path that a text means."""
        return os.path.normpath(os.path.join(self.folder, os.path.expanduser(text)))

    def source(self, value: object) -> CredentialSource | None:
        """Where a credential stands; None where that is not said well, which was told."""
        if not isinstance(value, Map):
            return None
        variable, file = value.get("env"), value.get("file")
        if isinstance(variable, str) and variable_name.match(variable):
            return CredentialSource(variable=variable)
        if isinstance(file, str) and file and not is_key_like(file):
            return CredentialSource(file=self.absolute(file))
        return None

    def check_pair(self, written: Map, path: Path) -> None:
        """An access key and its secret come together."""
        pair = [role for role in ("access_key", "secret_key") if role in written]
        if len(pair) == 1:
            other = "secret_key" if pair[0] == "access_key" else "access_key"
            self.quiet_error(
                "needs-key", f"`{pair[0]}` needs `{other}`", (*path, pair[0]), f"add `{other}: {{env: NAME}}`"
            )

    def is_good_address(self, address: str, path: Path) -> bool:
        """Whether an address can be used; what is wrong with it is told."""
        try:
            parts = urlsplit(address)
            host, secret = parts.hostname or "", parts.username or parts.password
            good = bool(host) and parts.port != 0 and not re.search(r"\s", address)
        except ValueError:
            host, secret, good = "", None, False
        if secret:
            return False  # told as a secret
        if not good or parts.scheme not in ("http", "https"):
            self.error(
                "bad-url", f"{shown(address)} is not an address", path, "write it like `https://api.example.org`"
            )
            return False
        if parts.scheme == "http" and not (host == "localhost" or host.startswith("127.") or host == "::1"):
            self.error("insecure-url", f"{shown(address)} is not encrypted", path, "write `https://`")
            return False
        return True


def maps_in(value: object) -> Iterator[tuple[str, Map]]:
    """The entries that are mappings."""
    if isinstance(value, Map):
        yield from ((name, node) for name, node in value.items() if isinstance(node, Map))


def texts_in(value: object) -> Iterator[str]:
    """The items that are texts."""
    if isinstance(value, Seq):
        yield from (item for item in value if isinstance(item, str) and item)


def is_number(value: object) -> bool:
    """Whether a value is a number and no switch."""
    return isinstance(value, int | float) and not isinstance(value, bool)
