"""What every test stands on: one event loop library, no deadline, and an environment with nothing of this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.chances import examples, usual
from tests.shared_media import settle_in

settings.register_profile(
    "shared-machine", examples(usual), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared-machine")

_ours = ("KLINGAI_", "KLING_", "RUNWARE_", "PICSART_", "GEN_AI_", "AWS_", "GOOGLE_", "AZURE_")
_elsewhere = ("NO_COLOR", "FORCE_COLOR", "CI", "TERM", "COLUMNS", "XDG_CONFIG_HOME")


def pytest_configure() -> None:
    """Compiled modules are kept, whatever the environment says: the tests begin many processes, and each would compile
    all that it imports anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncio, as in the product."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _shared_media(tmp_path_factory: pytest.TempPathFactory) -> None:
    settle_in(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def _isolated_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No credentials, no settings of a terminal, and a home of its own."""
    for name in list(os.environ):
        if name.startswith(_ours) and name != "KLING_PIPE_GOLDEN":
            monkeypatch.delenv(name)
    for name in _elsewhere:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(_home(tmp_path_factory)))


def _home(factory: pytest.TempPathFactory) -> Path:
    path = factory.getbasetemp() / "home"
    path.mkdir(exist_ok=True)
    return path
