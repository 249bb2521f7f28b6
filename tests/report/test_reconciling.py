"""A reconciliation as text and as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kling_pipe.report.reconciling import reconciliation_to_json, render_reconciliation
from kling_pipe.values.claim import JobState
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.reconciliation import Adopted, Fate, LostFile, Reconciliation, Stranger
from tests.report.stories import clip_cost, picture, picture_cost
from tests.values.test_spending import noon, row

agreeing = Reconciliation(
    realm=Realm.SIMULATED, storyboards=("launch",), profiles=("kling",), since=noon, tasks=2, jobs=2, adopted=(),
    unasked=(), others=(), unshown=(), lost=(), uncertain=(), unknown=(),
)  # fmt: skip
found = Adopted(
    "kp-1", "T1", "kling", "launch", "hero", (1, 2, 3), "kling-v3", picture_cost * 3, "no record", Fate.FETCHED
)
stranger = Stranger("T9", "kp-9", "kling", "/v1/x", "", "succeed", noon, clip_cost, is_as_ours=True)
artifact = Artifact("key", "d" * 64, picture, 2)
everything = replace(
    agreeing,
    adopted=(found, replace(found, member="clip", takes=(1,), fate=Fate.NOT_FETCHED, message="gone\nthere")),
    unasked=(stranger,),
    others=(replace(stranger, external_id="theirs", is_as_ours=False),),
    unshown=(row(member="old"),),
    lost=(
        LostFile(artifact, "launch", "hero", shown=True, fetched=True),
        LostFile(artifact, "launch", "old", shown=False),
    ),
    uncertain=(replace(row(None, state=JobState.UNCERTAIN), message="nobody heard"),),
    unknown=("last",),
)


def told(reconciliation: Reconciliation, *, others: bool = False) -> list[str]:
    text = render_reconciliation(reconciliation, "launch.yaml", "kp run launch.yaml", others=others)
    return [" ".join(line.split()) for line in text.splitlines() if line]


def test_agreement_is_one_sentence() -> None:
    assert told(agreeing)[-1] == "ledger, store and provider agree"


def test_all_that_does_not_agree_is_listed() -> None:
    assert told(everything)[1:] == [
        "adopted",
        "launch hero, takes 1–3 kling-v3 task T1 0.084 USD (24 image units) no record → fetched",
        "launch clip kling-v3 task T1 0.084 USD (24 image units) no record → not fetched gone there",
        "nobody asked for here, as far as can be told",
        f"{day()} task T9 kp-9 /v1/x succeed 0.21 USD (1.5 video units)",
        "the provider no longer shows",
        f"{day()} task T1 launch old kling-v3 done",
        "gone from the store",
        "launch hero, take 2 dddddddddddd fetched again",
        "launch old, take 2 dddddddddddd the provider does not show its task",
        "paid or not, nobody knows",
        "launch hero kling-v3 nobody heard",
        "`kling-pipe settle launch.yaml STEP --simulate` says what became of one; look it up at the provider first",
        "1 task made by others, or by calls that carry no id of ours; `--all` lists them",
        "not looked for: tasks of `last`, because what they are made from is not here",
        "next: `kp run launch.yaml` fetches what is left, without paying for it again",
    ]


def test_others_are_listed_when_asked_for() -> None:
    lines = told(everything, others=True)
    assert (
        lines[lines.index("made by others, or calls that carry no id of ours") + 1]
        == f"{day()} task T9 theirs /v1/x succeed 0.21 USD (1.5 video units)"
    )


def test_a_look_says_that_nothing_was_changed() -> None:
    lines = told(replace(agreeing, adopted=(replace(found, fate=Fate.TO_ADOPT),), only_looked=True))
    assert (lines[1], lines[-1]) == (
        "to be adopted", "nothing was changed; without `--dry-run` these are adopted and fetched",
    )  # fmt: skip


def test_what_is_settled_ends_in_that_nothing_was_bought() -> None:
    assert told(replace(agreeing, adopted=(found,)))[-1] == "nothing was bought"


def test_json_holds_everything() -> None:
    data = reconciliation_to_json(everything)
    assert {name: len(value) for name, value in data.items() if isinstance(value, list)} == {
        "storyboards": 1, "profiles": 1, "adopted": 2, "nobody_asked": 1, "others": 1, "not_shown": 1, "lost_files": 2,
        "uncertain": 1, "unknown_steps": 1,
    }  # fmt: skip
    assert (data["agrees"], reconciliation_to_json(agreeing)["agrees"]) == (False, True)


def day() -> str:
    return datetime.fromtimestamp(noon).strftime("%Y-%m-%d %H:%M")
