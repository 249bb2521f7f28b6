"""A run that is called back over a socket: fewer questions, and the same end whatever befalls the callbacks."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.patience import free_port
from tests.scenarios.stage import Simulator, simulator, spawned, typed
from tests.scenarios.test_socket import check_bills, quick

pytestmark = pytest.mark.slow
secret = "whsec_" + base64.b64encode(b"nobody else knows this one").decode()
steps = 12


def board() -> str:
    names = [f"  still_{number}: {{kind: text-to-image, prompt: 'Boat {number}'}}\n" for number in range(steps)]
    return "storyboard: 1\nname: boats\nsteps:\n" + "".join(names)


def run(folder: Path, service: Simulator, environment: Mapping[str, str], *words: str) -> dict[str, Any]:
    folder.mkdir()
    (folder / "kling-pipe.yaml").write_text(quick)
    (folder / "boats.yaml").write_text(board())
    said = spawned(
        folder, "run", "boats.yaml", "--yes", "--json", *words, environment={**service.with_key, **environment}
    )
    assert said.code == 0, said.all
    check_bills(folder, service)
    data: dict[str, Any] = said.envelope["data"]
    assert data["counts"]["done"] == steps
    return data


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One for all, whose world begins anew for each."""
    with simulator(tmp_path_factory.mktemp("simulator")) as found:
        yield found


def anew(service: Simulator, **settings: float) -> None:
    """An empty world in which nothing befalls callbacks but what is said; it would keep what it was told before."""
    fates = {"callback_losses": 0.0, "callback_repeats": 0.0, "callback_disorder": 0.0}
    service.reset({"media": "small", "webhook_secret": secret, **fates, **settings})


def test_signed_callbacks_spare_most_questions(service: Simulator, tmp_path: Path) -> None:
    port = free_port()
    words = ("--callback-url", f"http://127.0.0.1:{port}", "--callback-port", str(port))
    anew(service, speed=100)
    asked = run(tmp_path / "asked", service, {})
    anew(service, speed=100)
    told = run(tmp_path / "told", service, {"KLINGAI_WEBHOOK_SECRET": secret}, *words)
    assert told["status_requests"] * 4 < asked["status_requests"]
    files = [path.read_bytes() for path in (tmp_path / "told").rglob("*") if path.is_file()]
    assert [data for data in files if secret.encode() in data] == []


@pytest.mark.parametrize(
    ("fate", "environment"),
    [
        ("callback_losses=1", {"KLINGAI_WEBHOOK_SECRET": secret}),
        ("callback_repeats=1", {"KLINGAI_WEBHOOK_SECRET": secret}),
        ("callback_disorder=1", {"KLINGAI_WEBHOOK_SECRET": secret}),
        ("callback_losses=0.5", {}),  # nobody here knows the secret, so a callback only hastens a question
        ("callback_losses=0", {"KLINGAI_WEBHOOK_SECRET": "whsec_" + base64.b64encode(b"another").decode()}),
    ],
)
def test_whatever_befalls_callbacks_every_picture_is_made_and_paid_for_once(
    service: Simulator, fate: str, environment: Mapping[str, str], tmp_path: Path
) -> None:
    port = free_port()
    words = ("--callback-url", f"http://127.0.0.1:{port}", "--callback-port", str(port))
    name, _, share = fate.partition("=")
    anew(service, speed=2000, **{name: float(share)})
    run(tmp_path / "project", service, environment, *words)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--callback-url", "https://here.example/"), "needs-option"),
        (("--callback-port", "8711"), "needs-option"),
        (("--callback-url", "http://here.example", "--callback-port", "8711"), "insecure-url"),
    ],
)
def test_what_cannot_be_called_back_is_said_before_anything_is_sent(
    words: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    (tmp_path / "boats.yaml").write_text(board())
    said = typed(tmp_path, "run", "boats.yaml", "--yes", *words, environment={"KLINGAI_API_KEY": "a-key"})
    assert (said.code, code in said.all) == (2, True), said.all
