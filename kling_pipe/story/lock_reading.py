"""A lock file's text as a Lock; a text of a later format, or one that is damaged, is refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from shlex import quote
from typing import Any

from kling_pipe.errors import Problem, TextFailure
from kling_pipe.story.document import Document, merge_undone
from kling_pipe.story.nodes import Map
from kling_pipe.story.places import Places
from kling_pipe.story.plain_lines import plain_tree
from kling_pipe.story.schema import check, passes
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.lock import (
    Accepted,
    Lock,
    LockedDelivery,
    LockedInput,
    LockedMember,
    LockedTake,
    lock_format,
)
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost

largest_lock = 256 << 20  # bytes: kling-pipe wrote it itself, half a thousand bytes a take
way_out = (
    "take it back from version control, or delete it: that loses picks, asked takes and what was accepted,"
    " and nothing that was paid for"
)


def read_lock(path: str, text: str, realm: Realm) -> Lock:
    """Reads a lock file; raises TextFailure with every problem."""
    if not text.strip():
        return Lock(realm)
    quick = _quickly(text, realm)
    if quick is not None:
        return quick
    try:
        document = Document.parse(text, path, largest_lock)
    except TextFailure as failure:
        raise TextFailure([_damaged(problem) for problem in failure.problems], {path: text}) from None
    problems = _problems(document, realm)
    if problems:
        raise TextFailure(problems, {path: text})
    try:
        return _lock(document.root, realm)
    except (ValueError, ArithmeticError) as error:  # 30 February, and amounts that are none
        raise TextFailure([_damaged(Problem("", str(error), document.root_span))], {path: text}) from None


def _quickly(text: str, realm: Realm) -> Lock | None:
    """The lock of a text as kling-pipe writes it, which is nearly every one; None where there is more to say."""
    root = plain_tree(text)
    if root is None or not passes("lock", root) or root["lock"] != lock_format or root["realm"] != str(realm):
        return None
    try:
        return _lock(root, realm)
    except (ValueError, ArithmeticError):
        return None


def _lock(root: Mapping[str, Any], realm: Realm) -> Lock:
    return Lock(
        realm,
        {address: _member(node) for address, node in root["members"].items()},
        {name: _delivery(node) for name, node in root.get("deliverables", {}).items()},
        {name: LockedInput(node["sha256"], _media(node)) for name, node in root.get("inputs", {}).items()},
    )


def _problems(document: Document, realm: Realm) -> list[Problem]:
    root = document.root
    if not isinstance(root, Map):
        return [Problem("lock-damaged", "a lock file must be a mapping", document.root_span, way_out)]
    written = root.get("lock")
    if isinstance(written, int) and not isinstance(written, bool) and written > lock_format:
        message = f"this lock file has format {written}, this version reads {lock_format}"
        return [
            Problem("lock-format", message, document.value_span(root, "lock"), f"use a later kling-pipe, or {way_out}")
        ]
    places = Places(document, document.root_place, root)
    found = [_damaged(problem) for problem in (*document.problems, *check("lock", root, places.at))]
    if not found and root["realm"] != str(realm):
        message = f"this is the lock file of what is {root['realm']}, one of what is {realm} was expected"
        found.append(Problem("lock-damaged", message, document.value_span(root, "realm"), way_out))
    return found


def _damaged(problem: Problem) -> Problem:
    message = f"the lock file cannot be read: {problem.message}"
    if problem.message == merge_undone and problem.span is not None:
        hint = (
            f"take one side, by `git checkout --ours {quote(problem.span.path)}` or `--theirs`: that loses the picks,"
            " asked takes and what was accepted of the other, and nothing that was paid for"
        )
        return Problem("lock-damaged", message, problem.span, hint)
    return Problem("lock-damaged", message, problem.span, way_out)


def _member(node: Mapping[str, Any]) -> LockedMember:
    accepted = Accepted(node["accepted"], node["accepted_for"]) if "accepted" in node else None
    made = {int(take): _take(int(take), inner) for take, inner in node["made"].items()}
    return LockedMember(node.get("takes", 0), node.get("pick", 0), accepted, made)


def _take(take: int, node: Mapping[str, Any]) -> LockedTake:
    first = _file(take, node, node)
    others = tuple(_file(take, node, other) for other in node.get("others", ()))
    artifact = Artifact(
        first.key, first.digest, first.facts, take, first.index, first.external_id, first.task_id, first.created,
        "", first.url_expires, first.output_id, others,
    )  # fmt: skip
    return LockedTake(artifact, node.get("provider", ""), node.get("model", ""), _cost(node))


def _file(take: int, node: Mapping[str, Any], file: Mapping[str, Any]) -> Artifact:
    return Artifact(
        key=node["key"],
        digest=file["sha256"],
        facts=_media(file),
        take=take,
        index=file.get("place", 0),
        external_id=node.get("external_id", ""),
        task_id=node.get("task", ""),
        created=_seconds(node.get("date", "")),
        url_expires=_seconds(file.get("expires", "")),
        output_id=file.get("output", ""),
    )


def _media(node: Mapping[str, Any]) -> MediaFacts:
    type_, _, form = node["type"].partition("/")
    return MediaFacts(
        MediaType(type_), form, node["bytes"], node.get("width", 0), node.get("height", 0),
        float(node.get("seconds", 0)), float(node.get("fps", 0)), node.get("sound", False),
    )  # fmt: skip


def _delivery(node: Mapping[str, Any]) -> LockedDelivery:
    return LockedDelivery(node["sha256"], node["bytes"], node.get("from", node["sha256"]))


def _cost(node: Mapping[str, Any]) -> Cost | None:
    if "cost" not in node:
        return None
    parts = [part.split(" ", 1) for part in node["units"].split(" + ")] if "units" in node else []
    return Cost(Decimal(node["cost"].split()[0]), tuple((pack, Decimal(amount)) for amount, pack in parts))


def _seconds(moment: str) -> float:
    """A moment as seconds of Unix; 0 for none."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0
