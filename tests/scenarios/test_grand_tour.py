"""Every kind of step over a socket: with an API key and with a key pair alone the same keys and the same files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kling_pipe.edge.store import file_digest
from tests.scenarios.stage import Simulator, copied_pipelines, damaged_objects, simulator, spawned, typed

pytestmark = pytest.mark.slow
quick = "profiles:\n  kling:\n    poll_seconds: 0.1\n"


def test_key_and_pair_make_the_same_tour(tmp_path: Path) -> None:
    with simulator(tmp_path, speed=2000) as service:
        with_key = toured(tmp_path / "key", service, service.with_key)
        bills = service.bills()
        service.reset({"speed": 2000, "media": "small"})
        with_pair = toured(tmp_path / "pair", service, service.with_pair)
        assert sorted(map(shown, service.bills())) == sorted(map(shown, bills))
    assert with_key == with_pair
    assert len(with_key[0]) == 22
    assert len(with_key[1]) == 17


def toured(folder: Path, service: Simulator, environment: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Keys of one tour, and its deliverables by name, each as its digest."""
    project = copied_pipelines(folder, quick)
    said = spawned(project, "run", "grand-tour.yaml", "--yes", "--json", environment=environment)
    assert said.code == 0, said.all
    again = spawned(project, "run", "grand-tour.yaml", "--yes", environment={})
    assert (again.code, "22 steps current" in again.out) == (0, True), again.all
    assert damaged_objects(project) == []
    with closing(sqlite3.connect(project / ".kling-pipe/ledger.db")) as ledger:
        keys = sorted(key for (key,) in ledger.execute("select distinct key from artifacts"))
        spent = dict(ledger.execute("select state, count(*) from jobs group by state").fetchall())
    assert spent == {"done": 22}
    out = project / "out" / "grand-tour"
    return keys, {path.name: file_digest(str(path)) for path in sorted(out.iterdir())}


def shown(bill: dict[str, object]) -> tuple[str, ...]:
    """A bill without what another world names otherwise."""
    return tuple(str(bill[name]) for name in ("external_id", "endpoint", "model", "product", "units", "charged"))


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("{kind: text-to-video, model: kling-v3-turbo, prompt: A fox crosses a frozen pond}", "needs-api-key"),
        (f"{{kind: omni-video, prompt: '{'A long walk. ' * 200}'}}", "needs-api-key"),
    ],
)
def test_what_only_a_key_can_do_is_refused_at_plan_time_with_a_pair(step: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(f"storyboard: 1\nsteps:\n  clip: {step}\n")
    pair = {"KLINGAI_ACCESS_KEY": "an-access-key", "KLINGAI_SECRET_KEY": "a-secret"}
    key = {"KLINGAI_API_KEY": "a-key"}
    refused = typed(tmp_path, "plan", "story.yaml", "--json", environment=pair)
    planned = typed(tmp_path, "plan", "story.yaml", "--json", environment=key)
    assert (refused.code, planned.code) == (2, 0), refused.all + planned.all
    problems = json.loads(refused.out)["problems"]
    assert [problem["code"] for problem in problems if problem["severity"] == "error"] == [reason]
