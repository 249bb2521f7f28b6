"""`profiles` of a project file → Profiles, each over the built-in one of its name or of its type."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kling_pipe.story.exposure import is_key_like
from kling_pipe.story.kinds import kind_hint, kinds
from kling_pipe.story.nodes import Map
from kling_pipe.story.places import Aspect, Path
from kling_pipe.story.project_draft import ProjectDraft, is_number, texts_in
from kling_pipe.story.project_prices import read_prices, units_in
from kling_pipe.story.spelling import name_hint, nearest, shown
from kling_pipe.story.uploads_reading import read_uploads
from kling_pipe.values.profile import Host, Profile
from kling_pipe.values.span import Span

_roles = ("api_key", "access_key", "secret_key", "user")


class ProfileReader:
    """`builtin` are the profiles of the provider types, each under its type's name."""

    def __init__(self, draft: ProjectDraft, builtin: Mapping[str, Profile]) -> None:
        self.draft = draft
        self.builtin = builtin

    def read(self, name: str, node: Map) -> Profile:
        """The profile changes only what it says of the built-in one."""
        path: Path = ("profiles", name)
        type_ = node.get("type", name)
        base = self.builtin.get(type_) if isinstance(type_, str) else None
        if base is None:
            self._no_type(name, node, path)
        base = base or Profile(name=name, type=str(type_))
        profile = replace(base, name=name, span=self.draft.span(path, Aspect.KEY))
        address = node.get("base_url")
        if isinstance(address, str) and self.draft.is_good_address(address, (*path, "base_url")):
            # The variable belongs to the address it replaces, not to one that is written out.
            profile = replace(profile, base_url=address.rstrip("/"), base_url_variable="")
        limits = {key: value for key, value in _map(node, "limits").items() if _is_count(value)}
        media_hosts = tuple(texts_in(node.get("media_hosts")))
        seconds = node.get("poll_seconds")
        models, models_at = self._models(node, path)
        return replace(
            profile,
            limits=limits or profile.limits,
            hosts={**profile.hosts, **self._hosts(base, node, path)},
            media_hosts=media_hosts or profile.media_hosts,
            poll_seconds=float(seconds) if seconds and is_number(seconds) else profile.poll_seconds,
            allow_unknown_models=node.get("allow_unknown_models") is True,
            uploads=read_uploads(self.draft, node.get("uploads"), (*path, "uploads")),
            models={**profile.models, **models},
            models_at=models_at,
            prices=read_prices(node.get("prices"), self.draft.places, self.draft.problems.append, path),
            units_usd=units_in(node.get("prices")),
            **self._transport(base, node, path),
            **self._credentials(base, node, path),
        )

    def _no_type(self, name: str, node: Map, path: Path) -> None:
        """Says that a profile's type is missing, or that nobody speaks it."""
        written = node.get("type")
        if "type" not in node:
            near = nearest(name, self.builtin)
            hint = f"add `type: {near}`" if near else f"add `type`: {', '.join(f'`{one}`' for one in self.builtin)}"
            self.draft.error("missing-key", f"`type` is missing in the profile `{name}`", path, hint, Aspect.KEY)
        elif isinstance(written, str) and written and not is_key_like(written):
            message = f"there is no provider of type {shown(written)}"
            self.draft.error("unknown-provider", message, (*path, "type"), name_hint(written, self.builtin))

    def _credentials(self, base: Profile, node: Map, path: Path) -> dict[str, Any]:
        """The sources a profile names; naming any replaces all of the built-in profile: they are another account's."""
        written = _map(node, "credentials")
        path = (*path, "credentials")
        known = [role for role in (*_roles, "webhook_secret") if getattr(base, role) is not None]
        for role in (*_roles, "webhook_secret"):
            if role in written and role not in known and base.type in self.builtin:
                hint = name_hint("", known)
                self.draft.quiet_error("unknown-key", f"`{base.type}` has no credential `{role}`", (*path, role), hint)
        named = _roles if any(role in written for role in _roles) else ()
        sources = {role: self.draft.source(written.get(role)) for role in named}
        if "webhook_secret" in written:
            sources["webhook_secret"] = self.draft.source(written["webhook_secret"])
        if "user" in written and "api_key" not in written:
            hint = "add `api_key: {env: NAME}`"
            self.draft.quiet_error("needs-key", "`user` needs `api_key`", (*path, "user"), hint)
        self.draft.check_pair(written, path)
        return sources

    def _hosts(self, base: Profile, node: Map, path: Path) -> dict[str, Host]:
        found = {}
        for name, address in _map(node, "hosts").items():
            here: Path = (*path, "hosts", name)
            if name not in base.hosts and base.type in self.builtin:
                message = f"`{base.type}` has no further address `{name}`"
                hint = name_hint(name, base.hosts, "" if base.hosts else "remove it; `base_url` is its only address")
                self.draft.error("unknown-key", message, here, hint, Aspect.KEY)
            elif isinstance(address, str) and self.draft.is_good_address(address, here):
                found[name] = Host(address.rstrip("/"))
        return found

    def _transport(self, base: Profile, node: Map, path: Path) -> dict[str, Any]:
        """Only a type whose built-in profile names an executable has one."""
        runs = node.get("transport") == "executable"
        if runs and not base.executable and base.type in self.builtin:
            message = f"`{base.type}` has no executable of its own"
            self.draft.error(
                "bad-transport", message, (*path, "transport"), "remove it; the service is spoken to over HTTP"
            )
        program = node.get("executable")
        if isinstance(program, str) and not runs:
            hint = "add `transport: executable`"
            self.draft.error("needs-key", "`executable` needs `transport`", (*path, "executable"), hint, Aspect.KEY)
        return {
            "transport": "executable" if runs else "",
            "executable": self._program(program) if isinstance(program, str) and program else base.executable,
        }

    def _program(self, written: str) -> str:
        """A name is looked for where programs are, a path goes by the project file."""
        is_path = os.sep in written or "/" in written or written.startswith("~")
        return self.draft.absolute(written) if is_path else written

    def _models(self, node: Map, path: Path) -> tuple[dict[str, str], dict[str, Span]]:
        """The account's own ids; whether there are such models is for the catalogue to say."""
        written = _map(node, "models")
        for name in written:
            kind, slash, _ = name.partition("/")
            if slash and kind not in kinds:
                message = f"`{kind}` is not a step kind"
                self.draft.error("unknown-kind", message, (*path, "models", name), kind_hint(kind), Aspect.KEY)
        return (
            {name: str(own) for name, own in written.items() if not isinstance(own, bool | Map | list)},
            {name: self.draft.span((*path, "models", name), Aspect.KEY) for name in written},
        )


def _map(node: Map, key: str) -> Map:
    value = node.get(key)
    return value if isinstance(value, Map) else Map()


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
