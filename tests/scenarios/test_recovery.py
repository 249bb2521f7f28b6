"""Something is full, damaged or lost: the run says so, does what its hint says, and nothing is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.stage import (
    Said,
    Simulator,
    all_files,
    copied_pipelines,
    damaged_objects,
    full_for_results,
    simulator,
    small_files,
    spawned,
    typed,
)

pytestmark = pytest.mark.slow
run = ("run", "hello.yaml", "--yes")
disk_codes = {"disk-full", "ledger-unusable"}  # the ledger may be the first to find no room


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def service(world: Simulator) -> Simulator:
    world.reset({"speed": 2000})
    return world


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copied_pipelines(tmp_path, "profiles:\n  kling:\n    poll_seconds: 0.1\n")


@pytest.mark.parametrize(
    ("before", "codes"), [(full_for_results, {"disk-full"}), (small_files, disk_codes)], ids=["full", "limited"]
)
def test_the_disk_is_full_while_a_result_is_fetched(
    before: str, codes: frozenset[str], project: Path, service: Simulator
) -> None:
    full = spawned(project, *run, "--json", environment=service.with_key, before=before)
    assert (full.code, "Traceback" in full.all) == (1, False), full.all
    assert {problem["code"] for problem in full.envelope["problems"]} <= codes
    paid = service.bills()
    assert paid != []
    ends_well(project, service)
    assert service.bills()[: len(paid)] == paid
    assert len(service.bills()) == 2


def test_a_damaged_object_is_fetched_again(project: Path, service: Simulator) -> None:
    ends_well(project, service)
    clip = max((path for path, _ in all_files(project / ".kling-pipe/objects")), key=lambda path: path.stat().st_size)
    data = bytearray(clip.read_bytes())
    data[len(data) // 2] ^= 1
    clip.chmod(0o644)
    clip.write_bytes(data)
    for path in (project / "out").iterdir():
        path.unlink()
    said = typed(project, *run, environment=service.with_key)
    assert (said.code, "damaged and was set aside; its task's files are fetched again" in said.err) == (0, True), (
        said.all
    )
    assert sorted(path.name for path in (project / "out").iterdir()) == ["boat.png", "sets-sail.mp4"]
    assert len(service.bills()) == 2


def test_a_damaged_ledger_is_moved_away(project: Path, service: Simulator) -> None:
    ends_well(project, service)
    for path in (project / ".kling-pipe").glob("ledger.db*"):
        path.write_bytes(b"no ledger\n" * 1000)
    said = typed(project, *run, environment=service.with_key)
    assert (said.code, "move it away" in said.err) == (1, True), said.all
    for path in (project / ".kling-pipe").glob("ledger.db*"):
        path.rename(path.with_name(f"old-{path.name}"))
    ends_well(project, service)
    assert len(service.bills()) == 2


def test_a_lost_state_folder_is_made_anew(project: Path, service: Simulator) -> None:
    ends_well(project, service)
    (project / ".kling-pipe").rename(project / "lost")
    ends_well(project, service)
    assert len(service.bills()) == 2


def test_a_deliverable_that_somebody_changed_is_written_again(project: Path, service: Simulator) -> None:
    ends_well(project, service)
    out = {path: path.read_bytes() for path in (project / "out").iterdir()}
    for path in out:
        path.write_bytes(b"scribbled over")
    ends_well(project, service)
    assert {path: path.read_bytes() for path in out} == out
    assert len(service.bills()) == 2


def ends_well(project: Path, service: Simulator) -> Said:
    said = typed(project, *run, environment=service.with_key)
    assert said.code == 0, said.all
    assert [name for name in damaged_objects(project) if not name.endswith(".damaged")] == []
    assert len(list((project / "out").iterdir())) == 2
    return said
