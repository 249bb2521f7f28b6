"""Credentials are in nothing that is said and in no file that is made, whatever happens: marked ones are looked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.api.options import Options
from kling_pipe.commands.verbs import Verbs
from tests.object_store import object_store
from tests.scenarios.stage import (
    Said,
    Simulator,
    all_files,
    answering,
    copied_pipelines,
    ended,
    read_until,
    simulator,
    started,
    typed,
)

pytestmark = pytest.mark.slow
marked_key = "MARKED-KEY-7f3a9c2e51d84b60aa17"
marked_access, marked_secret = "MARKED-ACCESS-5d1c08e2", "MARKED-SECRET-c3b97f60e4a1d285"
wrong = "MARKED-WRONG-0e9d4c21b7"
# The last two are how every signed token begins, and what makes an address a credential.
traces = re.compile(
    rb"MARKED-|(?i:bearer )(?!\*\*\*\*)|eyJhbGciOi|(?i:X-Amz-(?:Signature|Credential))(?:=|%3D)(?!\*\*\*\*)"
)
quick = "profiles:\n  kling:\n    poll_seconds: 0.1\n"
credentials: Mapping[str, Mapping[str, str]] = {
    "key": {"KLINGAI_API_KEY": marked_key},
    "pair": {"KLINGAI_ACCESS_KEY": marked_access, "KLINGAI_SECRET_KEY": marked_secret},
}
faults = ("error-after=#1", "malformed=#3", "lost-after=#5", "throttled=#6", "error-before=#8")
run = ("run", "hello.yaml", "--yes")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(params=sorted(credentials))
def environment(request: pytest.FixtureRequest, service: Simulator) -> Mapping[str, str]:
    open_doors(service)
    return {**credentials[request.param], "KLINGAI_BASE_URL": service.url, "KLING_PIPE_TRACEBACK": "1"}


def test_every_command_of_a_good_run(environment: Mapping[str, str], tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    for words in (
        ("validate", "hello.yaml"), ("plan", "hello.yaml"), run, run, ("status", "hello.yaml"), ("doctor",),
        ("models",), ("run", "missing.yaml"),
    ):  # fmt: skip
        for more in ((), ("--json",)):
            check(typed(project, *words, *more, environment=environment), project)


def test_credentials_from_files(service: Simulator, tmp_path: Path) -> None:
    open_doors(service)
    sources = "    credentials: {api_key: {file: secrets/key.txt}}\n    base_url: " + service.url + "\n"
    by_file, by_dotenv = copied_pipelines(tmp_path / "a", quick + sources), copied_pipelines(tmp_path / "b", quick)
    (by_file / "secrets").mkdir()
    (by_file / "secrets/key.txt").write_text(f"{marked_key}\n")
    (by_dotenv / ".env").write_text(f"export KLINGAI_API_KEY='{marked_key}'\nKLINGAI_BASE_URL={service.url}\n")
    for project, own in ((by_file, by_file / "secrets/key.txt"), (by_dotenv, by_dotenv / ".env")):
        for words in (run, ("plan", "hello.yaml", "--json"), ("doctor",), ("status", "hello.yaml", "--json")):
            said = typed(project, *words, environment={"KLING_PIPE_TRACEBACK": "1"})
            assert said.code == 0, said.all
            check(said, project, own)


def test_refused_credentials(service: Simulator, tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    base = {"KLINGAI_BASE_URL": service.url, "KLING_PIPE_TRACEBACK": "1"}
    for refused in (
        {"KLINGAI_API_KEY": wrong},
        {"KLINGAI_ACCESS_KEY": wrong, "KLINGAI_SECRET_KEY": wrong},
        {"KLINGAI_ACCESS_KEY": "simulated-access", "KLINGAI_SECRET_KEY": wrong},
    ):
        for words in (run, ("doctor",), (*run, "--json")):
            said = typed(project, *words, environment={**base, **refused})
            assert said.code in ((1, 4) if words[0] == "doctor" else (4,)), said.all
            check(said, project)


@pytest.mark.parametrize("odd", [f"{wrong}\x7f0", f"{wrong} 0", f"{wrong}é", f"{wrong}\n0"])
def test_a_key_that_cannot_be_a_key(odd: str, service: Simulator, tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    environment = {"KLINGAI_BASE_URL": service.url, "KLINGAI_API_KEY": odd, "KLING_PIPE_TRACEBACK": "1"}
    said = typed(project, *run, environment=environment)
    check(said, project)
    assert (said.code, "odd-credential" in said.err) == (4, True), said.err
    check(typed(project, "doctor", environment=environment), project)


def test_a_run_among_faults(environment: Mapping[str, str], service: Simulator, tmp_path: Path) -> None:
    open_doors(service, faults=faults, retry_after=0.05)
    project = copied_pipelines(tmp_path, quick)
    check(typed(project, *run, environment=environment), project)
    check(typed(project, *run, "--json", environment=environment), project)


def test_a_service_that_repeats_what_it_was_sent(tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    for status, code in ((401, 1000), (400, 1201), (500, 5000), (200, 1300)):
        with answering(_Echo.of(status, code)) as url:
            for found in credentials.values():
                environment = {**found, "KLINGAI_BASE_URL": url, "KLING_PIPE_TRACEBACK": "1"}
                for words in (("doctor",), ("run", "hello.yaml", "--yes", "--json"), ("status", "hello.yaml")):
                    if (status, words[0]) != (500, "run"):  # would be asked again and again
                        check(typed(project, *words, environment=environment), project)


@pytest.mark.parametrize("status", [400, 200])
def test_an_address_of_a_bucket_that_a_service_repeats(status: int, service: Simulator, tmp_path: Path) -> None:
    open_doors(service)
    with object_store() as store, answering(_Echo.of(status, 1201)) as careless:
        store.make_bucket("clips")
        store.keys = {marked_access: marked_secret}
        uploads = f"    uploads: {{to: s3://clips, endpoint: '{store.url}'}}\n"
        project = copied_pipelines(tmp_path, quick + uploads)
        keys = {"AWS_ACCESS_KEY_ID": marked_access, "AWS_SECRET_ACCESS_KEY": marked_secret, **credentials["key"]}
        wrong_keys = {**keys, "AWS_SECRET_ACCESS_KEY": wrong}
        for url, environment, word in (
            (careless, keys, "X-Amz-Signature=****"), (careless, wrong_keys, "upload-failed"), (service.url, keys, ""),
        ):  # fmt: skip
            environment = {**environment, "KLINGAI_BASE_URL": url, "KLING_PIPE_TRACEBACK": "1"}
            for more in ((), ("--json",)):
                said = typed(project, "run", "dance-challenge.yaml", "--yes", *more, environment=environment)
                check(said, project)
                assert word in said.all
            check(typed(project, "status", "dance-challenge.yaml", "--json", environment=environment), project)
        assert (said.code, "PUT" in " ".join(store.seen)) == (0, True), said.all


def test_a_mistake_of_our_own(environment: Mapping[str, str], tmp_path: Path) -> None:
    project = copied_pipelines(tmp_path, quick)
    said = typed(project, *run, environment=environment, verbs=_Mistaken(environment))
    assert (said.code, "Traceback" in said.err, "RuntimeError" in said.err) == (1, True, True)
    check(said, project)


def test_a_process_that_is_killed(environment: Mapping[str, str], service: Simulator, tmp_path: Path) -> None:
    open_doors(service, speed=20)
    project = copied_pipelines(tmp_path, quick)
    process = started(project, *run, environment=environment)
    read_until(process, "submitted")
    process.kill()
    check(ended(process), project)


def check(said: Said, project: Path, own: Path | None = None) -> None:
    """Nothing of a credential in what was said or in any file of the project but the user's own, state included."""
    files = [(str(path), data) for path, data in all_files(project) if path != own]
    places = [("said", said.all.encode()), *files]
    assert [(place, found) for place, data in places for found in traces.findall(data)] == []


def open_doors(service: Simulator, **settings: Any) -> None:
    """Begins the simulated world anew, with the marked credentials as the ones it knows."""
    pairs = ["simulated-access:simulated-secret", f"{marked_access}:{marked_secret}"]
    service.reset({"speed": 2000, "faults": [], "keys": [marked_key], "pairs": pairs, **settings})


class _Mistaken(Verbs):
    """Holds the environment in its hands when it falls."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def plan(self, path: str, options: Options) -> Any:
        words = ["Authorization:", "Bearer", *self._environment.values()]
        raise RuntimeError(" ".join(words))

    async def run(self, *_: Any) -> Any:
        return self.plan("", Options())


class _Echo(BaseHTTPRequestHandler):
    """Answers with an error that repeats the request's credentials, as careless services do."""

    status, code = 400, 1201

    @staticmethod
    def of(status: int, code: int) -> type[_Echo]:
        return type("_Echo", (_Echo,), {"status": status, "code": code})

    def do_GET(self) -> None:
        asked = self.rfile.read(int(self.headers.get("content-length") or 0))
        addresses = re.findall(rb'"(https?://[^"]*)"', asked)
        sent = self.headers.get("authorization", "")
        token = sent.partition(" ")[2]
        message = f"who is {sent}? request with {token} ({token[:12]}…) is refused"
        message += "".join(f"; {address.decode()} cannot be fetched" for address in addresses)
        body = json.dumps({"code": self.code, "message": message, "request_id": "r-1"}).encode()
        self.send_response(self.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass
