"""`ledger`, `ledger reconcile` and `account` on the command line: exit code, stdout, stderr."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.accounts import Account, PackState, Refusing
from kling_pipe.api.options import Options
from kling_pipe.api.spending import Spending
from kling_pipe.cli import main
from kling_pipe.providers.provider import Pack
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import JobRow
from kling_pipe.values.job import Realm
from kling_pipe.values.reconciliation import Fate
from tests.commands.staged import StagedVerbs
from tests.report.test_reconciling import agreeing, everything, found
from tests.values.test_spending import row

Capture = pytest.CaptureFixture[str]


def seen(words: list[str], verbs: StagedVerbs, capsys: Capture) -> tuple[int, str, str]:
    code = main(words, environment={}, verbs=verbs)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def spent(*rows: JobRow, ledger: str = "ledger.db", realm: Realm = Realm.REAL) -> StagedVerbs:
    return StagedVerbs(spending=Spending(realm, ledger, "home", 0.0, rows))


def test_the_overview_names_what_shows_more(capsys: Capture) -> None:
    code, out, err = seen(["ledger"], spent(row(), row(model="kling-v2-6")), capsys)
    assert (code, err) == (0, "")
    heads = [line.split("  ")[0] for line in out.splitlines() if line.startswith("by ")]
    assert heads == ["by storyboard", "by model", "by day"]
    assert out.endswith("next: `kling-pipe ledger --by step`, or `--jobs` for single jobs with their tasks\n")


def test_the_next_command_keeps_its_switches(capsys: Capture) -> None:
    _, out, _ = seen(["ledger", "--simulate", "--folder", "my films"], spent(row()), capsys)
    assert "next: `kling-pipe ledger --simulate --folder 'my films' --by step`" in out


def test_one_table_and_nothing_else(capsys: Capture) -> None:
    _, out, _ = seen(["ledger", "--by", "model"], spent(row()), capsys)
    assert ("by model" in out, "by day" in out, "next:" in out) == (True, False, False)


def test_jobs_and_a_table_come_together_as_json(capsys: Capture) -> None:
    code, out, err = seen(["ledger", "--by", "day", "--jobs", "--json"], spent(row(), row()), capsys)
    envelope = json.loads(out)
    assert (code, err, envelope["command"], envelope["ok"]) == (0, "", "ledger", True)
    assert (list(envelope["data"]["by"]), len(envelope["data"]["jobs"])) == (["day"], 2)
    assert envelope["data"]["total"]["spent"]["usd"] == "0.2"


def test_a_time_is_handed_on_as_a_moment(capsys: Capture) -> None:
    verbs = spent(row())
    seen(["ledger", "--since", "1970-01-03"], verbs, capsys)
    assert (verbs.since // 86_400, verbs.asked) == (pytest.approx(2, abs=1), [Options()])


def test_where_no_ledger_is_another_place_is_named(capsys: Capture) -> None:
    code, out, err = seen(["ledger"], spent(ledger=""), capsys)
    assert (code, out) == (0, "nothing was asked for\n")
    assert err == (
        "there is no ledger in `home`\n\n"
        "hint: a storyboard without a project file keeps its state beside itself; `--folder` names another place\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ledger", "--by", "year"], "`--by`: `year` is not one of"),
        (["ledger", "--since", "soon"], "`--since`: expected a time such as `7d`, `12h` or `2026-09-30`: soon"),
        (["ledger", "story.yaml"], "no such command `story.yaml`"),
        (["ledger", "--simulate", "reconcile", "s.yaml"], "`--simulate` belongs behind `reconcile`, not before it"),
        (["ledger", "reconcile"], "`kling-pipe ledger reconcile` needs `STORYBOARD...`"),
    ],
)
def test_wrong_words_are_one_sentence(words: list[str], sentence: str, capsys: Capture) -> None:
    code, out, err = seen(words, spent(), capsys)
    assert (code, out) == (2, "")
    assert sentence in err


def test_the_help_of_a_command_below_ends_in_examples(capsys: Capture) -> None:
    code, out, _ = seen(["ledger", "reconcile", "--help"], spent(), capsys)
    assert code == 0
    assert "Examples:\n  kling-pipe ledger reconcile storyboard.yaml" in out


def test_all_that_agrees_ends_with_0(tmp_path: Path, capsys: Capture) -> None:
    verbs = StagedVerbs(str(tmp_path), reconciliation=agreeing)
    code, out, _ = seen(["ledger", "reconcile", "s.yaml", "--simulate", "--provider", "mine"], verbs, capsys)
    assert (code, out.splitlines()[-1]) == (0, "ledger, store and provider agree")
    assert verbs.asked == [Options(simulate=True, provider="mine")]


def test_uncertain_jobs_end_with_5(tmp_path: Path, capsys: Capture) -> None:
    verbs = StagedVerbs(str(tmp_path), reconciliation=everything)
    code, out, err = seen(["ledger", "reconcile", "s.yaml", "--json"], verbs, capsys)
    envelope = json.loads(out)
    assert (code, err, envelope["command"], envelope["exit_code"]) == (5, "", "ledger reconcile", 5)


@pytest.mark.parametrize(
    ("fate", "code"),
    [(Fate.FETCHED, 0), (Fate.HERE, 0), (Fate.BEING_MADE, 0), (Fate.FAILED, 0), (Fate.NOT_FETCHED, 1)],
)
def test_what_is_adopted_ends_with_0_unless_its_files_could_not_be_had(
    fate: Fate, code: int, tmp_path: Path, capsys: Capture
) -> None:
    verbs = StagedVerbs(str(tmp_path), reconciliation=replace(agreeing, adopted=(replace(found, fate=fate),)))
    assert seen(["ledger", "reconcile", "s.yaml"], verbs, capsys)[0] == code


now = 1_795_000_000.0
nearly = Pack("small", "p1", "image", Decimal(100), Decimal(40), now, now + 86_400, "online")
account = Account("kling", "https://x", (PackState(nearly, "expires soon"),), {"image": Decimal(40)}, (), (), now)


def test_a_pack_that_expires_is_a_warning(capsys: Capture) -> None:
    verbs = StagedVerbs(account=account)
    code, out, err = seen(["account", "--provider", "kling"], verbs, capsys)
    assert (code, out.splitlines()[0], verbs.asked) == (0, "profile kling, https://x", [Options(provider="kling")])
    assert "the pack `small` expires within 7 days, with 40 image units in it" in err


def test_a_product_with_nothing_left_is_a_warning_with_its_remedy(capsys: Capture) -> None:
    verbs = StagedVerbs(account=replace(account, packs=(), left={"video": Decimal(0)}))
    code, _, err = seen(["account"], verbs, capsys)
    assert code == 0
    assert "no video units are left" in err
    assert "hint: buy or renew a pack" in err


def test_a_refusal_is_told_with_its_remedy_and_ends_with_1(capsys: Capture) -> None:
    refusing = Refusing(Refusal(AnswerClass.ACCOUNT, "1101", "in arrears"), "pay the bill")
    code, out, _ = seen(["account", "--json"], StagedVerbs(account=replace(account, refused=(refusing,))), capsys)
    envelope = json.loads(out)
    problem = envelope["problems"][0]
    assert (code, problem["message"], problem["hint"]) == (
        1, "the provider refused to tell: 1101: in arrears", "pay the bill",
    )  # fmt: skip


def test_an_answer_that_never_came_is_no_refusal(capsys: Capture) -> None:
    refusing = Refusing(Refusal(AnswerClass.TRANSIENT, "unreachable", "nobody is there"), "")
    code, _, err = seen(["account"], StagedVerbs(account=replace(account, refused=(refusing,))), capsys)
    assert (code, "no usable answer: unreachable: nobody is there" in err) == (1, True)
