"""Whatever is told of a model or a price names a source that its reader can find."""

from __future__ import annotations

import dataclasses
import json

import pytest

from kling_pipe.api.models import explain, models
from kling_pipe.api.options import Options
from kling_pipe.providers.table import table


@pytest.mark.parametrize("provider", list(table))
def test_no_source_is_a_page_that_only_this_house_knows(provider: str) -> None:
    rows = models(Options(), provider=provider)
    pages = [explain(Options(), name, provider) for name in dict.fromkeys(row.model for row in rows)]
    assert all(row.source for row in rows)
    assert ".md" not in json.dumps([dataclasses.asdict(told) for told in (*rows, *pages)], default=str)
