"""A local clip travels by a bucket: the product, a simulator in another process and an S3 server, all over sockets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_pipe.values.digest import bytes_digest
from tests.object_store import ObjectStore, access, object_store
from tests.scenarios.stage import Simulator, copied_pipelines, simulator, spawned, typed
from tests.scenarios.test_socket import check_bills, told

pytestmark = pytest.mark.slow
board = "dance-challenge.yaml"
run = ("run", board, "--yes")


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with object_store() as store:
        store.make_bucket("clips")
        yield store


def project_of(folder: Path, store: ObjectStore, more: str = "") -> Path:
    uploads = f"{{to: s3://clips/handed, endpoint: {json.dumps(store.url)}{more}}}"
    return copied_pipelines(folder, f"profiles:\n  kling:\n    poll_seconds: 0.1\n    uploads: {uploads}\n")


def spoken(store: ObjectStore) -> list[str]:
    """The requests to the store, by verb."""
    return [line.partition(" ")[0] for line in store.seen]


def test_a_local_clip_travels_by_a_bucket(store: ObjectStore, tmp_path: Path) -> None:
    project = project_of(tmp_path, store, ", expires: 10m")
    clip = (project / "media/dance-reference.mp4").read_bytes()
    with simulator(tmp_path) as service:
        environment = {**service.with_key, **store.environment}
        said = spawned(project, *run, environment=environment)
        assert said.code == 0, said.all
        check_bills(project, service)
        # Put once, and fetched by the service in another process, which has no keys of the bucket.
        assert spoken(store) == ["HEAD", "PUT", "GET"]
        assert store.get(f"/clips/handed/{bytes_digest(clip)}.mp4") == (200, clip, "video/mp4")
        assert told(project / "out/dance-challenge.mp4").startswith("video 9:16")

        text = (project / board).read_text()
        (project / board).write_text(text.replace("warm light", "cold light"))
        again = spawned(project, *run, environment=environment)
        assert (again.code, len(service.bills())) == (0, 2), again.all
        assert spoken(store)[3:] == ["HEAD", "GET"]


def test_a_bucket_that_refuses_fails_the_step_before_anything_is_sent(store: ObjectStore, tmp_path: Path) -> None:
    project = project_of(tmp_path, store)
    store.keys = {access: "another"}
    with simulator(tmp_path) as service:
        said = typed(project, *run, environment={**service.with_key, **store.environment})
        assert (said.code, service.bills()) == (1, []), said.all
        assert "upload-failed" in said.all
        assert "`s3://clips` refused the credentials (`SignatureDoesNotMatch`)" in said.all
        store.keys = {access: store.environment["AWS_SECRET_ACCESS_KEY"]}
        said = typed(project, *run, environment={**service.with_key, **store.environment})
        assert (said.code, len(service.bills())) == (0, 1), said.all


def test_missing_credentials_of_a_bucket_are_said_before_a_run(store: ObjectStore, tmp_path: Path) -> None:
    project = project_of(tmp_path, store)
    environment = Simulator("http://127.0.0.1:9").with_key  # nobody is asked anything
    planned, ran = (typed(project, *words, environment=environment) for words in (("plan", board), run))
    assert (planned.code, ran.code) == (0, 4), planned.all + ran.all
    assert "`s3://clips` has no credentials" in ran.err
    assert "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`" in ran.err


def test_a_simulated_run_needs_no_bucket(store: ObjectStore, tmp_path: Path) -> None:
    project = project_of(tmp_path, store)
    said = typed(project, *run, "--simulate", "--speed", "2000")
    assert (said.code, store.seen) == (0, []), said.all


def test_a_missing_package_is_said_when_planning(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.exceptions", None)
    project = project_of(tmp_path, store)
    environment = {**Simulator("http://127.0.0.1:9").with_key, **store.environment}
    for words in (("plan", board), run):
        said = typed(project, *words, environment=environment)
        assert said.code == 2
        assert said.err == (
            "kling-pipe.yaml:4:19: extra-missing\n"
            f"  uploads: {{to: s3://clips/handed, endpoint: {json.dumps(store.url)}}}\n"
            "                ^^^^^^^^^^^^^^^^^\n"
            "  `s3://clips` needs a package that is not installed: obstore\n\n"
            "hint: `pip install 'kling-pipe[object-store]'`\n"
        )
