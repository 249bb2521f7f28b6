"""The shipped models.yaml and the adapter say the same, and the list of providers leads to both."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling import routes
from kling_pipe.providers.kling.adapter import KlingProvider, list_prices
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.table import table
from kling_pipe.story.kinds import kinds
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from tests.providers.kling_jobs import catalogue

rows = catalogue.rows()
offers = [(row, kind) for row in rows for kind in row.kinds]


def test_the_table_leads_to_adapter_models_and_fake() -> None:
    entry = table["kling"]
    assert isinstance(entry.adapter(None), KlingProvider)
    assert entry.load_fake() is KlingFake
    assert entry.read("models.yaml").startswith("# What Kling's native API offers")


def test_unit_prices_are_the_same_in_both_places() -> None:
    assert dict(catalogue.units_usd) == dict(list_prices)


def test_kinds_make_what_the_table_of_kinds_says_and_are_paid_from_the_same_pack() -> None:
    offered = {offer.kind: (offer.product, offer.makes) for offer in catalogue.offers()}
    assert offered == {kind.name: (kind.product, kind.makes) for kind in kinds.values()}


def test_every_wired_field_of_a_kind_can_be_wired_on_some_model() -> None:
    taken: dict[str, set[str]] = {}
    for offer in catalogue.offers():
        taken.setdefault(offer.kind, set()).update(offer.fields)
    # D4: voices on text-to-video are disputed, so no model takes them there.
    assert {kind.name: {field.name for field in kind.wires} - taken[kind.name] for kind in kinds.values()} == {
        kind: {"voices"} if kind == "text-to-video" else set() for kind in kinds
    }


def test_path_model_names_are_the_same_in_both_places() -> None:
    assert {row.model: row.names[0] for row in rows if row.names} == dict(routes.path_names)


@pytest.mark.parametrize(("row", "kind"), offers, ids=[f"{row.model} {kind.kind}" for row, kind in offers])
def test_every_model_and_kind_has_a_route(row: object, kind: object) -> None:
    model, name = getattr(row, "model", ""), getattr(kind, "kind", "")
    route = KlingProvider().route(name, model, {}, (), CredentialKind.API_KEY)
    assert not isinstance(route, Refusal)


def test_every_kind_has_a_default_model_that_is_current() -> None:
    for name in catalogue.kinds:
        defaults = [(row.model, row.state) for row, kind in offers if kind.kind == name and kind.default]
        assert [state for _, state in defaults] == ["current"]


def test_the_retired_list_is_the_announced_one() -> None:
    """kling.md section 0 number 3."""
    retired = {(row.product, row.model): row for row in rows if row.state == "retired"}
    assert set(retired) == {
        *(("video", f"kling-{name}") for name in ("v1", "v1-5", "v1-6", "v2-master", "v2-1", "v2-1-master")),
        ("video", "kling-video-extend"),  # no model of its own: it goes on from clips of V1.0, V1.5 and V1.6 only
        *(("image", f"kling-{name}") for name in ("v1", "v1-5", "v2", "v2-new")),
    }
    current = {(row.product, row.model) for row in rows if row.state == "current"}
    assert all((product, row.successor) in current for (product, _), row in retired.items())


def test_every_row_names_its_page_and_grade() -> None:
    assert all(row.source == "Kling API reference" and row.grade in ("sure", "likely", "disputed") for row in rows)
    priced = [kind for row, kind in offers if row.state == "current"]
    assert all(kind.price_source.startswith("Kling API reference") or not kind.exact for kind in priced)


def test_prices_nobody_published_say_so() -> None:
    assert {(row.model, kind.price_source) for row, kind in offers if kind.prices and not kind.exact} == {
        ("kolors-virtual-try-on-v1-5", "no price is published; 16 units stand in for it"),
        ("kolors-virtual-try-on-v1", "no price is published; 16 units stand in for it"),
        ("kling-v1-6", "no price is published; 0.6 and 0.8 units a second stand in for it"),
        ("kling-video-extend", "no price is published; 6 units stand in for it"),
        ("kling-multi-elements", "no price is published; 0.9 and 1.2 units a second stand in for it"),
        ("kling-video-effects", "no price is published; 6 units stand in for it"),
        ("kling-t2a", "Kling API reference, likely; the price of an audio unit is not published"),
        ("kling-v2a", "Kling API reference, likely; the price of an audio unit is not published"),
    }
