"""`kling-pipe.yaml` → Project: profiles, prices, folders, budget; a credential in the text is refused and not shown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from kling_pipe.errors import Problem, TextFailure
from kling_pipe.story.document import Document
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.places import Aspect, Path, Places
from kling_pipe.story.project import CredentialSource, Profile, Project, Uploads, builtin_profiles
from kling_pipe.story.schema import check
from kling_pipe.story.spelling import shown
from kling_pipe.values.money import Cap
from kling_pipe.values.span import Span

_roles = ("api_key", "access_key", "secret_key")
_variable = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
# What keys look like: a known beginning, or a long run of letters and digits that no name or path has.
_key_like = re.compile(r"\b(?:sk|pk|api|key)[-_][A-Za-z0-9_-]{12,}|\beyJ[A-Za-z0-9_-]{10,}|\bAKIA[A-Z0-9]{12,}")
_long_run = re.compile(r"[A-Za-z0-9+=]{20,}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_secret_word = re.compile(r"key|secret|token|passw|credential|authorization|bearer", re.IGNORECASE)
_secret_hint = "write `{env: NAME}` with the name of an environment variable, or `{file: PATH}`, and change the key"


def read_project(path: str, text: str) -> tuple[Project, tuple[Problem, ...]]:
    """Reads a project file's text; with errors among the problems the project holds what could be read."""
    root_folder = os.path.dirname(os.path.abspath(path))
    empty = Project(root=root_folder, path=path)
    if not text.strip():
        return empty, ()
    try:
        document = Document.parse(text, path)
    except TextFailure as failure:
        return empty, tuple(_guarded(problem, text) for problem in failure.problems)
    if document.root is None:
        return empty, ()
    if not isinstance(document.root, Map):
        problem = Problem("wrong-type", "a project file must be a mapping", document.root_span, "write `profiles:`")
        return empty, (_guarded(problem, text),)
    reader = _ProjectReader(document, document.root, root_folder)
    project = reader.read(empty)
    problems = sorted(dict.fromkeys(reader.problems), key=lambda p: (p.span.line, p.span.column) if p.span else (0, 0))
    return project, tuple(_guarded(problem, text) for problem in problems)


class _ProjectReader:
    def __init__(self, document: Document, root: Map, folder: str) -> None:
        self.document = document
        self.root = root
        self.folder = folder
        self.problems: list[Problem] = list(document.problems)
        self.places = Places(document, document.root_place, root)

    def read(self, empty: Project) -> Project:
        secrets = list(_secrets(self.root, ()))
        for path in secrets:
            message = "a credential stands in this file"
            self.problems.append(Problem("secret-in-file", message, self._span(path), _secret_hint, quiet=True))
        found = check("project", self.root, self.places.at)
        # A sentence about a value would show it: credentials have been told of above.
        secret_spans = {self._span(inner) for path in secrets for inner in _within(self.root, path)}
        self.problems += [problem for problem in found if problem.span not in secret_spans]
        return replace(
            empty,
            profiles={name: self._profile(name, node) for name, node in _maps(self.root.get("profiles"))},
            allowed_folders=tuple(self._folder(item) for item in _texts(self.root.get("allowed_folders"))),
            budget=self._budget(),
            units_usd=self._units(),
        )

    def _span(self, path: Path, aspect: Aspect = Aspect.VALUE) -> Span:
        return self.places.at(path, aspect)

    def _error(self, code: str, message: str, path: Path, hint: str) -> None:
        self.problems.append(Problem(code, message, self._span(path), hint))

    def _folder(self, text: str) -> str:
        return os.path.normpath(os.path.join(self.folder, os.path.expanduser(text)))

    def _profile(self, name: str, node: Map) -> Profile:
        """The profile over the built-in one of its name, or of its type: it changes only what it says."""
        path: Path = ("profiles", name)
        type_ = node.get("type", name)
        base = builtin_profiles.get(str(type_))
        if base is None and "type" not in node:
            hint = f"add `type: {next(iter(builtin_profiles))}`"
            self.problems.append(
                Problem("missing-key", f"`type` is missing in the profile `{name}`", self._span(path, Aspect.KEY), hint)
            )
        profile = replace(base or Profile(name=name, type=str(type_)), name=name, span=self._span(path, Aspect.KEY))
        address = node.get("base_url")
        if isinstance(address, str) and self._is_good_address(address, (*path, "base_url")):
            # The variable belongs to the address it replaces, not to one that is written out.
            profile = replace(profile, base_url=address.rstrip("/"), base_url_variable="")
        limits = {k: v for k, v in node.get("limits", {}).items() if _is_count(v)} if _is_map(node, "limits") else {}
        hosts = tuple(_texts(node.get("media_hosts")))
        seconds = node.get("poll_seconds")
        return replace(
            profile,
            limits=limits or profile.limits,
            media_hosts=hosts or profile.media_hosts,
            poll_seconds=float(seconds) if seconds and _is_number(seconds) else profile.poll_seconds,
            allow_unknown_models=node.get("allow_unknown_models") is True,
            uploads=self._uploads(node, path),
            **self._credentials(node, path),
        )

    def _credentials(self, node: Map, path: Path) -> dict[str, Any]:
        """The sources a profile names; naming any replaces those of the built-in profile."""
        if not _is_map(node, "credentials"):
            return {}
        written = node["credentials"]
        named = _roles if any(role in written for role in _roles) else ()
        sources = {role: self._source(written.get(role)) for role in named}
        if "webhook_secret" in written:
            sources["webhook_secret"] = self._source(written["webhook_secret"])
        pair = [role for role in _roles[1:] if role in written]
        if len(pair) == 1:
            other = "secret_key" if pair[0] == "access_key" else "access_key"
            message = f"`{pair[0]}` needs `{other}`"
            place: Path = (*path, "credentials", pair[0])
            hint = f"add `{other}: {{env: NAME}}`"
            self.problems.append(Problem("needs-key", message, self._span(place, Aspect.KEY), hint, quiet=True))
        return sources

    def _source(self, value: object) -> CredentialSource | None:
        if not isinstance(value, Map):
            return None
        variable, file = value.get("env"), value.get("file")
        if isinstance(variable, str) and _variable.match(variable):
            return CredentialSource(variable=variable)
        if isinstance(file, str) and file and not _is_key_like(file):
            return CredentialSource(file=self._folder(file))
        return None

    def _uploads(self, node: Map, path: Path) -> Uploads | None:
        if not _is_map(node, "uploads"):
            return None
        written = node["uploads"]
        directory, address = written.get("directory"), written.get("base_url")
        if not isinstance(directory, str) or not isinstance(address, str):
            return None
        if not self._is_good_address(address, (*path, "uploads", "base_url")):
            return None
        return Uploads(self._folder(directory), address.rstrip("/"))

    def _is_good_address(self, address: str, path: Path) -> bool:
        try:
            parts = urlsplit(address)
            host, secret = parts.hostname or "", parts.username or parts.password
            good = bool(host) and parts.port != 0 and not re.search(r"\s", address)
        except ValueError:
            host, secret, good = "", None, False
        if secret:
            return False  # told as a secret
        if not good or parts.scheme not in ("http", "https"):
            self._error(
                "bad-url", f"{shown(address)} is not an address", path, "write it like `https://api.example.org`"
            )
            return False
        if parts.scheme == "http" and not (host == "localhost" or host.startswith("127.") or host == "::1"):
            self._error("insecure-url", f"{shown(address)} is not encrypted", path, "write `https://`")
            return False
        return True

    def _budget(self) -> Cap | None:
        value = self.root.get("budget")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            return Cap.parse(str(value), self._span(("budget",)))
        except ValueError as error:
            self._error("bad-budget", str(error), ("budget",), "write an amount such as `18 USD` or `40 units`")
            return None

    def _units(self) -> dict[str, str]:
        prices = self.root.get("prices")
        units = prices.get("units_usd") if isinstance(prices, Map) else None
        return {name: str(value) for name, value in units.items()} if isinstance(units, Map) else {}


def _secrets(node: Any, path: Path) -> Iterator[Path]:
    """The paths of all texts that are, or may be, credentials."""
    entries = node.items() if isinstance(node, Mapping) else enumerate(node)
    for key, value in entries:
        inner: Path = (*path, key)
        if isinstance(value, Map | Seq):
            if not _is_source(path, key, value):
                yield from _secrets(value, inner)
            elif not _is_good_source(value):
                yield inner
        elif _is_credential(path, key, value):
            yield inner


def _within(root: Map, path: Path) -> Iterator[Path]:
    """A path and the paths of everything under it."""
    node: Any = root
    for part in path:
        node = node[part]
    yield path
    if isinstance(node, Map | Seq):
        for key in node if isinstance(node, Map) else range(len(node)):
            yield from _within(root, (*path, key))


def _is_source(path: Path, key: str | int, value: Map | Seq) -> bool:
    return bool(path) and path[-1] == "credentials" and key in _roles and isinstance(value, Map)


def _is_good_source(value: Map | Seq) -> bool:
    assert isinstance(value, Map)
    texts = [text for text in value.values() if text is not None]
    if "env" in value and not (isinstance(value["env"], str) and _variable.match(value["env"])):
        return False
    return all(isinstance(text, str) and not _is_key_like(text) for text in texts)


def _is_credential(path: Path, key: str | int, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return False
    if "credentials" in path:
        return True  # anything but a named source
    text = str(value)
    if isinstance(value, str) and "://" in value and re.search(r"://[^/\s]*@", value):
        return True
    if isinstance(key, str) and _secret_word.search(key) and not isinstance(value, int | float):
        return True
    return _is_key_like(text)


def _is_key_like(text: str) -> bool:
    if _key_like.search(text):
        return True
    runs = _long_run.findall(text)
    return any(re.search(r"\d", run) and re.search(r"[A-Za-z]", run) and len(set(run)) > 8 for run in runs)


def _guarded(problem: Problem, text: str) -> Problem:
    """The problem, without its line and without the user's words when the line may hold a credential."""
    if problem.span is None:
        return problem
    lines = re.split(r"\r\n|\n|\r", text)
    line = lines[problem.span.line - 1] if problem.span.line <= len(lines) else ""
    if not (_secret_word.search(line) or _is_key_like(line)):
        return problem
    said = problem.message + problem.hint
    words = re.findall(r"[^\s`'\"{}\[\],:]{5,}", line.partition(":")[2])
    if _is_key_like(said) or (problem.code not in _about_keys and any(word in said for word in words)):
        return replace(problem, message="a value in this line is wrong", hint="", quiet=True)
    return replace(problem, quiet=True)


# Problems that speak of keys and never of values.
_about_keys = frozenset({"unknown-key", "missing-key", "needs-key", "secret-in-file"})


def _maps(value: object) -> Iterator[tuple[str, Map]]:
    if isinstance(value, Map):
        yield from ((name, node) for name, node in value.items() if isinstance(node, Map))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Seq):
        yield from (item for item in value if isinstance(item, str) and item)


def _is_map(node: Map, key: str) -> bool:
    return isinstance(node.get(key), Map)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
