"""The product against a simulator in another process, over a socket: bills, ledger, store and deliverables agree."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from kling_pipe.edge.media import verify
from kling_pipe.values.media import MediaFacts, MediaType
from tests.scenarios.stage import (
    Simulator,
    copied_pipelines,
    counting,
    damaged_objects,
    simulator,
    spawned,
    typed,
)

pytestmark = pytest.mark.slow
quick = "profiles:\n  kling:\n    poll_seconds: 0.1\n"  # the service's time runs two thousandfold


@pytest.mark.parametrize("credentials", ["with_key", "with_pair"])
def test_a_launch_film_over_a_socket(credentials: str, tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    with simulator(tmp_path) as service, counting() as counter:
        environment: Mapping[str, str] = getattr(service, credentials)
        said = spawned(project, "run", "product-launch.yaml", "--yes", "--json", environment=environment)
        assert said.code == 0, said.all
        bills = service.bills()
        check_bills(project, service)
        assert said.envelope["data"]["counts"]["done"] == 7
        # Again, where any request would be seen: with what the first run remembers, and planned anew.
        again = {**environment, "KLINGAI_BASE_URL": counter.url}
        for repeated in (
            spawned(project, "run", "product-launch.yaml", "--yes", environment=again),
            typed(project, "run", "product-launch.yaml", "--yes", environment=again),
        ):
            assert (repeated.code, counter.seen) == (0, []), repeated.all
        assert service.bills() == bills
    assert damaged_objects(project) == []
    out = project / "out" / "product-launch"
    assert {path.name: told(path) for path in out.iterdir()} == {
        "hero.png": "image 16:9",
        "reveal.mp4": "video 16:9 5 s",
        "story.mp4": "video 16:9 10 s, sound",
        "runner.mp4": "video 9:16 5 s",
    }


def test_a_local_clip_travels_by_the_uploader_of_the_profile(tmp_path: Path) -> None:
    served = tmp_path / "served"
    with simulator(tmp_path, "--uploads", str(served)) as service:
        uploads = f"    uploads: {{directory: {json.dumps(str(served))}, base_url: {service.url}/uploads}}\n"
        project = copied_pipelines(tmp_path, quick + uploads)
        said = spawned(project, "run", "dance-challenge.yaml", "--yes", environment=service.with_key)
        assert said.code == 0, said.all
        check_bills(project, service)
        handed = [path.read_bytes() for path in served.iterdir()]
    assert handed == [(project / "media/dance-reference.mp4").read_bytes()]
    assert told(project / "out/dance-challenge.mp4").startswith("video 9:16")


def test_another_machine_adopts_what_is_made_instead_of_buying_it(tmp_path: Path) -> None:
    with simulator(tmp_path) as service:
        for machine in ("here", "there"):
            project = copied_pipelines(tmp_path / machine, quick)
            said = spawned(project, "run", "hello.yaml", "--yes", environment=service.with_key)
            assert said.code == 0, said.all
            check_bills(project, service)
        assert len(service.bills()) == 2


def check_bills(project: Path, service: Simulator) -> None:
    """The service's bills and the ledger's jobs are the same tasks at the same units."""
    with closing(sqlite3.connect(project / ".kling-pipe/ledger.db")) as ledger:
        rows = ledger.execute("select external_id, task_id, state, product, cost from jobs").fetchall()
    jobs = {name: (task, state, str(json.loads(cost)["units"][product])) for name, task, state, product, cost in rows}
    assert jobs == {bill["external_id"]: (bill["task_id"], "done", bill["charged"]) for bill in service.bills()}


def told(path: Path) -> str:
    """What a deliverable is, in a few words."""
    facts = verify(str(path))
    time = f" {facts.seconds:.0f} s" if facts.type is MediaType.VIDEO else ""
    return f"{facts.type} {ratio(facts)}{time}{', sound' if facts.has_sound else ''}"


def ratio(facts: MediaFacts) -> str:
    named = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
    return next(name for name, value in named.items() if abs(facts.width / facts.height / value - 1) < 0.02)
