"""A paid task whose record was deleted is found at the provider and adopted, over a socket; nothing is paid twice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.lost_records import change_record, forget_files, jobs_of, lose_record
from tests.scenarios.stage import Said, all_files, copied_pipelines, damaged_objects, simulator, typed

pytestmark = pytest.mark.slow
quick = "profiles:\n  kling:\n    poll_seconds: 0.1\n"
film = "product-launch.yaml"


@pytest.mark.parametrize("credentials", ["with_key", "with_pair"])
def test_a_paid_task_whose_record_was_deleted_comes_back_with_the_very_same_bytes(
    credentials: str, tmp_path: Path
) -> None:
    project = copied_pipelines(tmp_path, quick)
    home = project / ".kling-pipe"
    with simulator(tmp_path) as service:
        environment: Mapping[str, str] = getattr(service, credentials)
        run(project, film, environment)
        run(project, "hello.yaml", service.with_key, KLING_PIPE_HOME=str(tmp_path / "another machine"))
        bills, records, objects = service.bills(), jobs_of(home), stored(home)
        made = (project / "out/product-launch/reveal.mp4").read_bytes()

        lost = lose_record(home, "reveal")
        (project / "out/product-launch/reveal.mp4").unlink()
        assert (len(stored(home)), lost in jobs_of(home)) == (len(objects) - 1, False)

        look = reconciled(project, environment, "--dry-run")
        assert [(one["step"], one["fate"]) for one in look["adopted"]] == [("reveal", "to be adopted")]
        assert (lost in jobs_of(home), service.bills()) == (False, bills)

        told = reconciled(project, environment)
        assert [(one["external_id"], one["step"], one["was"], one["fate"]) for one in told["adopted"]] == [
            (lost, "reveal", "no record", "fetched")
        ]
        assert (jobs_of(home), stored(home), service.bills()) == (records, objects, bills)
        assert (project / "out/product-launch/reveal.mp4").read_bytes() == made
        assert damaged_objects(project) == []

        strangers = [bill for bill in bills if bill["external_id"] not in records]
        assert {one["external_id"]: (one["model"], one["cost"]["units"]) for one in told["nobody_asked"]} == {
            bill["external_id"]: (bill["model"], {bill["product"]: bill["charged"]}) for bill in strangers
        }
        assert (len(strangers), told["others"], told["unknown_steps"]) == (2, [], [])

        assert reconciled(project, environment)["adopted"] == []
        run(project, film, environment)
        assert service.bills() == bills


def test_an_uncertain_job_is_settled_by_what_the_provider_shows(tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    home = project / ".kling-pipe"
    with simulator(tmp_path) as service:
        run(project, "hello.yaml", service.with_key)
        bills, records = service.bills(), jobs_of(home)
        forget_files(home, "boat")
        change_record(home, "boat", state="uncertain", task_id="")
        stuck = typed(project, "run", "hello.yaml", "--yes", environment=service.with_key)
        assert stuck.code == 5, stuck.all
        told = reconciled(project, service.with_key, board="hello.yaml")
        assert [(one["step"], one["was"], one["fate"]) for one in told["adopted"]] == [("boat", "uncertain", "fetched")]
        assert (jobs_of(home), service.bills()) == (records, bills)

        forget_files(home, "boat")
        change_record(home, "boat", state="uncertain", task_id="")
        service.reset({"speed": 2000})
        said = typed(project, "ledger", "reconcile", "hello.yaml", environment=service.with_key)
        assert (said.code, "paid or not, nobody knows" in said.out, service.bills()) == (5, True, []), said.all


def test_the_ledger_agrees_with_the_account_and_the_bills(tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    with simulator(tmp_path) as service:
        run(project, "hello.yaml", service.with_key)
        ledger = typed(project, "ledger", "--json", environment=service.with_key).envelope["data"]
        account = typed(project, "account", "--charges", "--json", environment=service.with_key).envelope["data"]
        bills = service.bills()
        charged: dict[str, Decimal] = {}
        for bill in bills:
            charged[bill["product"]] = charged.get(bill["product"], Decimal(0)) + Decimal(bill["charged"])
    assert {pack: Decimal(units) for pack, units in ledger["total"]["spent"]["units"].items()} == charged
    assert {pack["product"]: Decimal(pack["total"]) - Decimal(pack["remaining"]) for pack in account["packs"]} == {
        "audio": 0, **charged,
    }  # fmt: skip
    assert {charge["task_id"] for charge in account["charges"]} == {bill["task_id"] for bill in bills}


def run(project: Path, board: str, environment: Mapping[str, str], **more: str) -> None:
    said = typed(project, "run", board, "--yes", environment={**environment, **more})
    assert said.code == 0, said.all


def reconciled(project: Path, environment: Mapping[str, str], *words: str, board: str = film) -> dict[str, Any]:
    said: Said = typed(project, "ledger", "reconcile", board, "--json", *words, environment=environment)
    assert said.code == 0, said.all
    data: dict[str, Any] = said.envelope["data"]
    return data


def stored(home: Path) -> dict[str, bytes]:
    return {f"{path.parent.name}{path.name}": data for path, data in all_files(home / "objects")}
