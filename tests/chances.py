"""How many examples a property is tried with: few in the suite, and as many times more as a long form asks for."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

times = int(os.environ.get("KLING_PIPE_EXAMPLES", "1"))  # `make properties` says 50
usual = 40


def examples(number: int, **more: Any) -> settings:
    """This many examples in the suite, `times` as many in the long form."""
    return settings(max_examples=number * times, **more)
