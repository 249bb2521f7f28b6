"""`python -m tests.providers.picsart_trial --cases 10000`: Picsart's adapter against its page, its fakes and noise.

Steps are drawn by chance; of those that the catalogue takes, the payload holds only what the page lists, no value of an
argument list can be read as a flag, and both ask for the same. Answers are drawn too; reading them never raises, and
what may have made something is never taken for a refusal. It ends with an error at the first that disagrees.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from kling_pipe.values.wire import Response
from tests.providers.picsart_jobs import executable, http
from tests.providers.test_picsart_agreement import check_agreement
from tests.providers.test_picsart_properties import (
    bodies,
    check_answer,
    check_arguments,
    check_doubt,
    check_payload,
    exits,
    statuses,
    stderrs,
    steps,
)

Step = tuple[str, str, dict[str, Any], list[str]]


def main() -> None:
    """Draws the cases and tells how many of them were looked at how."""
    parser = argparse.ArgumentParser(prog="python -m tests.providers.picsart_trial", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally, began = Counter[str](), time.monotonic()

    def drawn(test: Callable[..., None]) -> Callable[..., None]:
        # Nothing is remembered between runs, and a fault is told as it was drawn: quick, and the same by its seed.
        phases = (Phase.explicit, Phase.generate)
        chosen = settings(
            max_examples=options.cases, database=None, deadline=None, phases=phases, suppress_health_check=HealthCheck
        )
        return seed(options.seed)(chosen(test))

    @drawn
    @given(steps())
    def try_steps(step: Step) -> None:
        tally["steps"] += 1
        tally["payloads"] += check_payload(step)
        tally["argument lists"] += check_arguments(step)
        tally["alike in both"] += check_agreement(step)

    @drawn
    @given(statuses, exits, stderrs, bodies)
    def try_answers(status: int, code: int, stderr: str, body: bytes) -> None:
        for provider, response in (
            (http, Response(status, {}, body)),
            (executable, Response(code, {"x-stderr": stderr}, body)),
        ):
            tally["answers"] += 1
            check_answer(provider, response)
            check_doubt(provider, response)

    try_steps()
    try_answers()
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s: none apart")
    print("\n".join(f"{count:8} {name}" for name, count in tally.items()))


if __name__ == "__main__":
    main()
