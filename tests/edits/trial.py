"""One storyboard through random layouts and edits on the simulator, its plans held against the simulator's bills."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.errors import ExitCode, TextFailure
from kling_pipe.plan.plan import Plan, bought_standings
from tests.api.small_world import Studio, studio_in
from tests.edits.drafts import Draft, edited, random_draft
from tests.edits.layouts import Layout

_kept = (".kling-pipe", "service", "kling-pipe.yaml")


@dataclass(slots=True)
class Trial:
    """A project with one draft in it, and the world that makes it."""

    studio: Studio
    chance: random.Random
    draft: Draft
    edits: int = 0
    bought: int = 0  # takes that plans said would be bought, and were

    def lay_out(self, draft: Draft, *, plain: bool = False) -> str:
        """Writes a draft down anew, in another way; the storyboard's text."""
        for path in self.studio.folder.iterdir():
            if path.name not in _kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        written = Layout(self.chance, plain=plain).write(draft, self.studio.folder)
        self.studio.path = written.path
        return "".join(f"--- {path.name}\n{text}" for path, text in written.texts.items())

    def plan(self) -> Plan:
        return plan(str(self.studio.path), Options(simulate=True)).plan

    async def run(self) -> None:
        ended = await self.studio.run()
        assert ended.exit_code == ExitCode.DONE, self.studio.heard

    async def buys_what_was_planned(self, text: str) -> None:
        """Plans, runs, and compares what was announced with what was billed since."""
        planned, before = self.plan(), len(self.studio.simulation.bills())
        await self.run()
        billed = self.studio.simulation.bills()[before:]
        taken = sum(_takes(planned).values())
        units: dict[str, Decimal] = {}
        for bill in billed:
            pack = "image" if bill["product"] == "image" else "video"  # sounds are paid for by the pack of clips
            units[pack] = units.get(pack, Decimal(0)) + Decimal(str(bill["units"]))
        assert planned.exact
        assert units == dict(planned.estimate.units), text
        self.bought += taken
        left = self.plan()
        assert {member.standing for member in left.members.values()} == {"current"}, text

    def edit(self) -> str:
        """Edits the draft so that it can be made; the text of the storyboard now."""
        while True:
            draft = edited(self.draft, self.chance)
            text = self.lay_out(draft)
            try:
                self.plan()
            except TextFailure as failure:
                if failure.code == "no-member":  # all that was left is left out
                    continue
                raise
            self.draft = draft
            self.edits += 1
            return text


def _takes(planned: Plan) -> dict[str, int]:
    """Paid takes of each member; what several share is paid for by one of them."""
    found = {}
    for member in planned.members.values():
        if member.standing in bought_standings and member.price is not None and member.take_cost:
            found[member.address] = round(member.price.cost.usd / member.take_cost.usd)
    return found


async def play(folder: Path, seed: int, rounds: int) -> Trial:
    """One draft made, then written down in other ways for nothing, then edited again and again."""
    chance = random.Random(seed)
    (folder / "kling-pipe.yaml").write_text("budget: 1000 USD\n")
    with studio_in(folder) as studio:
        trial = Trial(studio, chance, random_draft(chance))
        await trial.buys_what_was_planned(trial.lay_out(trial.draft, plain=True))
        for _ in range(rounds):
            text = trial.lay_out(trial.draft)
            planned = trial.plan()
            assert {member.standing for member in planned.members.values()} == {"current"}, text
            await trial.buys_what_was_planned(trial.edit())
        return trial
