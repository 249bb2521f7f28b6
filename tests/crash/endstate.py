"""What a run leaves behind, and whether another one left the same."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.media import probe
from kling_pipe.values.job import Realm
from kling_pipe.values.media import MediaFacts
from tests.crash.harness import Place
from tests.crash.settling import billed


@dataclass(frozen=True, slots=True)
class File:
    """A file that a step led to: its bytes, and what is the same of it however its task was named."""

    step: str
    digest: str
    looks: str


@dataclass(frozen=True, slots=True)
class EndState:
    """Everything paid for, made and delivered."""

    bills: Mapping[str, int]  # by endpoint
    files: Mapping[str, File]  # deliverables by path, artifacts by step, take and place
    recorded: int  # artifacts on record

    def differences(self, other: EndState, loose: Collection[str], repeated: Counter[str]) -> list[str]:
        """What is not as in another state; files of `loose` steps need only look the same, and calls that were
        `repeated` were paid for so many times more."""
        found = []
        billed = Counter(self.bills)
        billed.subtract(other.bills)
        billed.subtract(repeated)
        found += [f"{endpoint} billed {count:+}" for endpoint, count in sorted(billed.items()) if count]
        for name in sorted({*self.files, *other.files}):
            ours, theirs = self.files.get(name), other.files.get(name)
            if ours is None or theirs is None:
                found.append(f"`{name}` is {'missing' if ours is None else 'not expected'}")
            elif ours.looks != theirs.looks or (ours.step not in loose and ours.digest != theirs.digest):
                found.append(f"`{name}` differs: {ours.looks}, expected {theirs.looks}")
        if self.recorded != other.recorded:
            found.append(f"{self.recorded} artifacts on record, expected {other.recorded}")
        return found


def end_state(place: Place) -> EndState:
    """Reads how everything stands, and asserts what must hold in any case."""
    bills = place.world.bills()
    ids = [str(bill["external_id"]) for bill in bills if bill["external_id"]]
    assert len(ids) == len(set(ids)), f"billed twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    assert place.damaged_objects() == []
    files = {path: _delivered(place, path, step) for path, step in place.board.deliveries.items()}
    options = Options(environment=place.environment)
    with opened(str(place.storyboard), options, only_reads=True) as (loaded, ledger, store):
        recorded = len(ledger.all_artifacts(Realm.REAL))
        members = prepare(loaded, options, ledger, store).plan.members
        made = [file for member in members.values() for take in member.artifacts.values() for file in take.files]
        for address, member in members.items():
            for take, artifact in member.artifacts.items():
                for file in artifact.files:
                    looks = _looks(file.facts, store.path(file.digest))
                    files[f"{address} {take}.{file.index}"] = File(address, file.digest, looks)
        cards = {_card(store.path(file.digest))["id"] for file in made if file.facts.format == "json"}
    strangers = cards - ids_in_library(place)
    assert not strangers, f"the service has no element or voice {sorted(strangers)}"
    return EndState(billed(bills), files, recorded)


def ids_in_library(place: Place) -> set[str]:
    """The ids of elements and voices that the service has."""
    found = set()
    for page in _library if place.board.cards else ():
        tasks = place.world.get(page)["data"]
        assert isinstance(tasks, list)
        made = [thing for task in tasks for things in task["task_result"].values() for thing in things]
        found |= {str(thing.get("element_id") or thing.get("voice_id")) for thing in made}
    return found


_library = ("/v1/general/advanced-custom-elements", "/v1/general/custom-voices")


def _delivered(place: Place, path: str, step: str) -> File:
    target = place.folder / path
    if not target.exists():
        return File(step, "", "missing")
    return File(step, hashlib.sha256(target.read_bytes()).hexdigest(), _looks(probe(str(target)), str(target)))


def _looks(facts: MediaFacts, path: str) -> str:
    if facts.format == "json":
        return " ".join(part for name, part in _card(path).items() if name in ("type", "name"))
    return " ".join(str(value) for name, value in facts.to_json().items() if name != "bytes")


def _card(path: str) -> dict[str, str]:
    with open(path, encoding="utf-8") as file:
        found: dict[str, str] = json.load(file)
    return found
