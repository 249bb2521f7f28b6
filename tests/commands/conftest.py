"""The prepared project, made once for all tests of commands in a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.prepared import Project, prepared


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with prepared(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("service")) as made:
        yield made
