"""Every rule and every limit of the shipped catalogue has a step that breaks it, and the lines said of it.

`KLING_PIPE_GOLDEN=write` rewrites the lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import pytest

from kling_pipe.plan.catalogue_bounds import bounds
from kling_pipe.plan.catalogue_data import mapping, mappings, text
from kling_pipe.plan.catalogue_kind import rule_origin
from kling_pipe.plan.catalogue_parts import Parts
from kling_pipe.providers.table import table
from tests.plan.catalogue_cases import findings_of, folder, read_cases
from tests.providers.kling_jobs import catalogue

names = sorted(path.stem for path in folder.glob("*.txt"))
parts = Parts.load(table["kling"].read)


@pytest.mark.parametrize("name", names)
def test_what_is_said_of_steps(name: str) -> None:
    cases = read_cases(name)
    whole = "\n".join(case.whole for case in cases)
    path = folder / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        path.write_text(whole, encoding="utf-8")
    assert whole == path.read_text(encoding="utf-8")


def test_no_rule_and_no_limit_is_left_without_a_step_that_breaks_it() -> None:
    hit = {finding.origin for name in names for case in read_cases(name) for finding in findings_of(case)}
    assert sorted(set(every_origin()) - hit) == []


def test_no_two_lines_of_the_catalogue_go_by_one_name() -> None:
    for section in ("takes", "media"):
        written = [key for name in parts.names() for key in _own(name, section)]
        assert len(written) == len(set(written)), section


def test_every_kind_has_its_cases() -> None:
    seen = {
        kind for name in names for case in read_cases(name) for kind in catalogue.kinds if f"kind: {kind}," in case.text
    }
    assert seen == set(catalogue.kinds)


def every_origin() -> Iterator[str]:
    """A name for every line of the catalogue that can refuse something."""
    for name in parts.names():
        for place, rule in enumerate(mappings(parts.part(name), "rules")):
            yield rule_origin({"in": name}, place, rule)
    for offer in catalogue.offers():
        for key, limit in offer.fields.items():
            origin = f"takes.{offer.origins[key]}.{key}"
            if "needed" in limit:
                yield f"{origin}.needed"
            if _can_refuse(limit):
                yield origin
        for limits in offer.media.values():
            yield from (f"media.{limits.name}.{bound}" for bound in bounds if bound in limits.data)


def _can_refuse(limit: Mapping[str, object]) -> bool:
    """A field for one file holds one file, however it is written."""
    return text(limit, "type") != "id" and (text(limit, "type") != "media" or "max" in limit)


def _own(name: str, section: str) -> list[str]:
    shared = mapping(parts.part(name), section).keys()
    return [key for key in shared if name == parts.names()[0] or key not in mapping(parts.shared, section)]
