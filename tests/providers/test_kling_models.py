"""The shipped models.yaml and the adapter say the same, and the list of providers leads to both."""

from __future__ import annotations

import pytest

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.adapter import KlingProvider, list_prices
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.table import table
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from tests.providers.kling_jobs import catalogue, step_of

rows = catalogue.rows()
offers = [(row, kind) for row in rows for kind in row.kinds]


def test_the_table_leads_to_adapter_models_and_fake() -> None:
    entry = table["kling"]
    assert isinstance(entry.adapter(None), KlingProvider)
    assert entry.load_fake() is KlingFake
    assert entry.models.endswith("models.yaml")


def test_unit_prices_are_the_same_in_both_places() -> None:
    prices = {}
    for kind, pack in (("text-to-image", "image"), ("text-to-video", "video")):
        settled = catalogue.settle(step_of(kind, "", {"prompt": "a"}))
        assert settled is not None
        cost = catalogue.price(settled, {}).cost
        prices[pack] = cost.usd / dict(cost.units)[pack]
    assert prices == dict(list_prices)


def test_path_model_names_are_the_same_in_both_places() -> None:
    assert {row.model: row.names[0] for row in rows if row.names} == dict(endpoints.path_names)


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
        *(("image", f"kling-{name}") for name in ("v1", "v1-5", "v2", "v2-new")),
    }
    current = {(row.product, row.model) for row in rows if row.state == "current"}
    assert all((product, row.successor) in current for (product, _), row in retired.items())


def test_every_row_names_its_page_and_grade() -> None:
    assert all(row.source.startswith("kling.md") and row.grade in ("sure", "likely", "disputed") for row in rows)
    priced = [kind for row, kind in offers if row.state == "current"]
    assert all(kind.price_source.startswith("Kling API reference") for kind in priced)
