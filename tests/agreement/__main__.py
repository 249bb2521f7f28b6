"""`python -m tests.agreement --cases 20000 --seed 1`: kling-pipe and the simulated service, asked about the same steps.

`--provider runware|gateway|picsart` is for the other roads, `--transport executable` for that by the service's program.

`--number N` looks at one case of a seed. It ends with 1 when the two disagree about any, or when something that the
road offers stood in no step that both took.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from tests.agreement.cases import Outcome
from tests.agreement.reach import points_on
from tests.agreement.reasons import later_on, no_road, not_sent, stricter_on
from tests.agreement.road import Road, executable, road_of
from tests.agreement.trial import Disagreement, Tally, good, tried

_columns = {
    "good": lambda tally, kind: sum(_of(tally, kind, outcome, good) for outcome in Outcome),
    "changed": lambda tally, kind: sum(_of(tally, kind, outcome, "changed") for outcome in Outcome),
    "taken": lambda tally, kind: _of(tally, kind, Outcome.ACCEPTED),
    "refused": lambda tally, kind: _of(tally, kind, Outcome.REFUSED),
    "no request": lambda tally, kind: _of(tally, kind, Outcome.UNSAYABLE),
    "here only": lambda tally, kind: _of(tally, kind, Outcome.STRICTER),
    "there only": lambda tally, kind: _of(tally, kind, Outcome.LATER),
    "apart": lambda tally, kind: _of(tally, kind, Outcome.APART),
}


def main() -> int:
    """Runs the cases and prints what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.agreement", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int)
    parser.add_argument("--provider", choices=("kling", "runware", "gateway", "picsart"), default="kling")
    parser.add_argument("--transport", choices=("", executable), default="")
    parser.add_argument(
        "--reach", action="store_true", help="print how often each parameter stood in a step that both took"
    )
    options = parser.parse_args()
    road = road_of(options.provider, options.transport)
    numbers = range(len(points_on(road)) + options.cases) if options.number is None else [options.number]
    began = time.monotonic()
    tally = asyncio.run(
        tried(road, options.seed, numbers, lambda done: print(f"{done} …", file=sys.stderr, flush=True))
    )
    print(f"{road}: seed {options.seed}, {len(numbers)} cases, {time.monotonic() - began:.0f} s\n")
    untried = tally.reach.untried(points_on(road)) if options.number is None else []
    reach = _reach(tally, road, every=options.reach) if options.number is None else []
    print("\n".join([*_table(tally), "", *_reasons(tally, road), "", *reach, *_told(tally.disagreements)]))
    return 1 if tally.disagreements or untried else 0


def _of(tally: Tally, kind: str, outcome: Outcome, done: str = "") -> int:
    found = tally.outcomes.items()
    return sum(count for (k, d, o), count in found if o is outcome and kind in ("", k) and done in ("", d))


def _table(tally: Tally) -> list[str]:
    """One line a kind: how many good and changed steps, and what was said of them; `here` is kling-pipe."""
    kinds = sorted({kind for kind, _, _ in tally.outcomes})
    lines = [f"{'':22}" + "".join(f"{name:>12}" for name in _columns)]
    for kind in (*kinds, ""):
        lines.append(f"{kind or 'all':22}" + "".join(f"{count(tally, kind):12}" for count in _columns.values()))
    return lines


def _reasons(tally: Tally, road: Road) -> list[str]:
    why = {name: f"here: {one.why}" for name, one in stricter_on(road).items()}
    why |= {name: f"there: {one[0]}" for name, one in later_on(road).items()}
    why[not_sent] = "here: the rest of the step is taken by both"
    why[no_road] = (
        "here: `plan` says it, which knows how files can travel; the service refuses it too, or cannot be asked"
    )
    return [f"{count:6}  {name} ({why[name]})" for name, count in tally.reasons.most_common()]


def _reach(tally: Tally, road: Road, *, every: bool) -> list[str]:
    counts = tally.reach.counts
    points = points_on(road)
    lines = [f"{counts[point]:6}  {point}" for point in points] if every else []
    untried = [str(point) for point in points if not counts[point]]
    models, keys = len(tally.taken), len({(one.kind, one.model, one.key) for one in points if counts[one]})
    missed = f"; untried: {', '.join(untried)}" if untried else ", all there are"
    tried = f"{models} models of kinds, {keys} parameters of them, {len(points) - len(untried)} with values{missed}"
    prices = f"{tally.priced} exact prices billed as they were said, {tally.quoted} as the service had quoted"
    return [*lines, tried, prices]


def _told(disagreements: list[Disagreement]) -> list[str]:
    """Each about another thing, the smallest one of its sort."""
    sorts: dict[tuple[str, str], list[Disagreement]] = {}
    for one in disagreements:
        sorts.setdefault((one.draft.kind, one.finding.about), []).append(one)
    lines = [f"{len(disagreements)} disagreements" if disagreements else "no disagreement"]
    for (_, about), found in sorts.items():
        one = min(found, key=lambda each: len(str(each.draft)))
        lines += [f"\n{len(found)} × {about}, such as number {one.number} ({one.what})"]
        lines += [f"  {one.draft}", f"  {one.finding.detail}"]
    return lines


if __name__ == "__main__":
    sys.exit(main())
