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
from kling_pipe.story.exposure import exposed, guarded, is_key_like, variable_name, within
from kling_pipe.story.nodes import Map, Seq
from kling_pipe.story.places import Aspect, Path, Places
from kling_pipe.story.project import (
    BucketUploads,
    CredentialSource,
    FolderUploads,
    Profile,
    Project,
    Uploads,
)
from kling_pipe.story.project_prices import read_prices
from kling_pipe.story.schema import check
from kling_pipe.story.spelling import name_hint, shown
from kling_pipe.values.money import Cap
from kling_pipe.values.profile import usual_expires
from kling_pipe.values.span import Span

_roles = ("api_key", "access_key", "secret_key")
_bucket_keys = ("access_key", "secret_key", "session_token")
_bucket_address = re.compile(r"(s3|gs|az)://([^/]+)(?:/(.*))?\Z")
_own_credentials = {  # where stores that are not S3's look for their credentials
    "gs": "`GOOGLE_APPLICATION_CREDENTIALS`",
    "az": "`AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`",
}
_units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
least_expires, most_expires = 60.0, 7 * 86400.0  # S3 signs for seven days at most
_secret_hint = "write `{env: NAME}` with the name of an environment variable, or `{file: PATH}`, and change the key"


def read_project(path: str, text: str, builtin: Mapping[str, Profile]) -> tuple[Project, tuple[Problem, ...]]:
    """Reads a project file's text; with errors among the problems the project holds what could be read. `builtin` are
    the profiles of the provider types, each under its type's name."""
    root_folder = os.path.dirname(os.path.abspath(path))
    empty = Project(root=root_folder, path=path)
    if not text.strip():
        return empty, ()
    try:
        document = Document.parse(text, path)
    except TextFailure as failure:
        return empty, tuple(guarded(problem, text) for problem in failure.problems)
    if document.root is None:
        return empty, ()
    if not isinstance(document.root, Map):
        problem = Problem("wrong-type", "a project file must be a mapping", document.root_span, "write `profiles:`")
        return empty, (guarded(problem, text),)
    reader = _ProjectReader(document, document.root, root_folder, builtin)
    project = reader.read(empty)
    problems = sorted(dict.fromkeys(reader.problems), key=lambda p: (p.span.line, p.span.column) if p.span else (0, 0))
    return project, tuple(guarded(problem, text) for problem in problems)


class _ProjectReader:
    def __init__(self, document: Document, root: Map, folder: str, builtin: Mapping[str, Profile]) -> None:
        self.document = document
        self.root = root
        self.folder = folder
        self.builtin = builtin
        self.problems: list[Problem] = list(document.problems)
        self.places = Places(document, document.root_place, root)

    def read(self, empty: Project) -> Project:
        secrets = list(exposed(self.root))
        for path in secrets:
            message = "a credential stands in this file"
            self.problems.append(Problem("secret-in-file", message, self._span(path), _secret_hint, quiet=True))
        found = check("project", self.root, self.places.at)
        # A sentence about a value would show it: credentials have been told of above.
        secret_spans = {self._span(inner) for path in secrets for inner in within(self.root, path)}
        self.problems += [problem for problem in found if problem.span not in secret_spans]
        return replace(
            empty,
            profiles={name: self._profile(name, node) for name, node in _maps(self.root.get("profiles"))},
            allowed_folders=tuple(self._folder(item) for item in _texts(self.root.get("allowed_folders"))),
            budget=self._amount("budget", "bad-budget"),
            confirm_above=self._amount("confirm_above", "bad-amount"),
            units_usd=self._units(),
            prices=read_prices(self.root.get("prices"), self.places, self.problems.append),
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
        base = self.builtin.get(type_) if isinstance(type_, str) else None
        if base is None:
            self._no_type(name, node, path)
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

    def _no_type(self, name: str, node: Map, path: Path) -> None:
        """Says that a profile's type is missing, or that nobody speaks it."""
        written = node.get("type")
        if "type" not in node:
            hint = f"add `type: {next(iter(self.builtin), '')}`"
            span = self._span(path, Aspect.KEY)
            self.problems.append(Problem("missing-key", f"`type` is missing in the profile `{name}`", span, hint))
        elif isinstance(written, str) and written and not is_key_like(written):
            message = f"there is no provider of type {shown(written)}"
            self._error("unknown-provider", message, (*path, "type"), name_hint(written, self.builtin))

    def _credentials(self, node: Map, path: Path) -> dict[str, Any]:
        """The sources a profile names; naming any replaces those of the built-in profile."""
        if not _is_map(node, "credentials"):
            return {}
        written = node["credentials"]
        named = _roles if any(role in written for role in _roles) else ()
        sources = {role: self._source(written.get(role)) for role in named}
        if "webhook_secret" in written:
            sources["webhook_secret"] = self._source(written["webhook_secret"])
        self._check_pair(written, (*path, "credentials"))
        return sources

    def _check_pair(self, written: Map, path: Path) -> None:
        """An access key and its secret come together."""
        pair = [role for role in ("access_key", "secret_key") if role in written]
        if len(pair) == 1:
            other = "secret_key" if pair[0] == "access_key" else "access_key"
            message = f"`{pair[0]}` needs `{other}`"
            hint = f"add `{other}: {{env: NAME}}`"
            span = self._span((*path, pair[0]), Aspect.KEY)
            self.problems.append(Problem("needs-key", message, span, hint, quiet=True))

    def _source(self, value: object) -> CredentialSource | None:
        if not isinstance(value, Map):
            return None
        variable, file = value.get("env"), value.get("file")
        if isinstance(variable, str) and variable_name.match(variable):
            return CredentialSource(variable=variable)
        if isinstance(file, str) and file and not is_key_like(file):
            return CredentialSource(file=self._folder(file))
        return None

    def _uploads(self, node: Map, path: Path) -> Uploads | None:
        if not _is_map(node, "uploads"):
            return None
        read = self._bucket if "to" in node["uploads"] else self._served_folder
        return read(node["uploads"], (*path, "uploads"))

    def _served_folder(self, written: Map, path: Path) -> FolderUploads | None:
        directory, address = written.get("directory"), written.get("base_url")
        if not isinstance(directory, str) or not isinstance(address, str):
            return None
        if not self._is_good_address(address, (*path, "base_url")):
            return None
        return FolderUploads(self._folder(directory), address.rstrip("/"))

    def _bucket(self, written: Map, path: Path) -> BucketUploads | None:
        found = _bucket_address.match(str(written["to"]))
        if not found:
            return None  # told by the schema
        scheme, bucket, prefix = found.groups()
        endpoint, region = written.get("endpoint", ""), written.get("region", "")
        if endpoint and not self._is_good_address(str(endpoint), (*path, "endpoint")):
            return None
        self._check_store(scheme, written, path)
        return BucketUploads(
            scheme=scheme,
            bucket=bucket,
            prefix=(prefix or "").strip("/"),
            expires=self._expires(written, path),
            endpoint=str(endpoint).rstrip("/"),
            region=str(region),
            **{key: self._source(written.get(key)) for key in _bucket_keys},
            span=self._span((*path, "to")),
        )

    def _check_store(self, scheme: str, written: Map, path: Path) -> None:
        """Region and named keys are S3's; a token is one of the keys it came with."""
        for key in ("region", *_bucket_keys) if scheme in _own_credentials else ():
            if key in written:
                hint = f"remove it; the credentials are looked for in {_own_credentials[scheme]}"
                message = f"`{key}` is for `s3://` and not for `{scheme}://`"
                span = self._span((*path, key), Aspect.KEY)
                self.problems.append(Problem("exclusive-keys", message, span, hint, quiet=True))
        self._check_pair(written, path)
        if "session_token" in written and "access_key" not in written:
            span = self._span((*path, "session_token"), Aspect.KEY)
            hint = "add `access_key: {env: NAME}` and `secret_key: {env: NAME}`"
            self.problems.append(Problem("needs-key", "`session_token` needs its keys", span, hint, quiet=True))

    def _expires(self, written: Map, path: Path) -> float:
        seconds = _seconds(written.get("expires", usual_expires))
        if seconds is None:
            return usual_expires  # told by the schema
        if isinstance(written.get("expires"), str) and not least_expires <= seconds <= most_expires:
            message = f"`expires` is {shown(written['expires'])}, it must be from `1m` to `7d`"
            hint = "write `1h`: the service fetches a file soon after it is told of it"
            self._error("out-of-range", message, (*path, "expires"), hint)
        return seconds

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

    def _amount(self, key: str, code: str) -> Cap | None:
        value = self.root.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            return Cap.parse(str(value), self._span((key,)))
        except ValueError as error:
            self._error(code, str(error), (key,), "write an amount such as `18 USD` or `40 units`")
            return None

    def _units(self) -> dict[str, str]:
        prices = self.root.get("prices")
        units = prices.get("units_usd") if isinstance(prices, Map) else None
        return {name: str(value) for name, value in units.items()} if isinstance(units, Map) else {}


def _maps(value: object) -> Iterator[tuple[str, Map]]:
    if isinstance(value, Map):
        yield from ((name, node) for name, node in value.items() if isinstance(node, Map))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Seq):
        yield from (item for item in value if isinstance(item, str) and item)


def _is_map(node: Map, key: str) -> bool:
    return isinstance(node.get(key), Map)


def _seconds(value: object) -> float | None:
    """`90`, `90s`, `10m`, `1h`, `7d`."""
    if _is_number(value):
        return float(str(value))
    text = str(value)
    number, unit = text[:-1].strip(), text[-1:]
    return float(number) * _units[unit] if unit in _units and re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
