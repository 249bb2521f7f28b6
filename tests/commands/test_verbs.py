"""What people and programs see of each verb: exit code, stdout, stderr."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from kling_pipe.api.options import Options
from kling_pipe.cli import main
from kling_pipe.errors import Problem, Severity
from kling_pipe.values.money import Cap
from tests.commands.staged import StagedChecked, StagedFinding, StagedMember, StagedStatus, StagedVerbs
from tests.report.stories import mixed_run, picture_cost
from tests.report.test_plans import plan


def seen(
    words: list[str], verbs: StagedVerbs, capsys: pytest.CaptureFixture[str], **environment: str
) -> tuple[int, str, str]:
    code = main(words, environment=environment, verbs=verbs)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_validate_says_how_many_steps_and_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(checked=StagedChecked())
    assert seen(["validate", "s.yaml"], verbs, capsys) == (
        0, "s.yaml: 2 steps, no errors\n", "next: `kling-pipe plan s.yaml`\n",
    )  # fmt: skip


def test_validate_tells_all_problems_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    problems = (Problem("a-code", "a is wrong"), Problem("b-code", "b is odd", severity=Severity.WARNING))
    code, out, err = seen(["validate", "s.yaml"], StagedVerbs(checked=StagedChecked(problems)), capsys)
    assert (code, out) == (2, "")
    assert "a is wrong" in err
    assert "b is odd" in err
    assert err.endswith("1 error in `s.yaml`\n")


def test_a_warning_alone_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    problems = (Problem("b-code", "b is odd", severity=Severity.WARNING),)
    assert seen(["validate", "s.yaml"], StagedVerbs(checked=StagedChecked(problems)), capsys)[0] == 0


def test_validate_fits_the_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = seen(["validate", "s.yaml", "--json"], StagedVerbs(checked=StagedChecked()), capsys)
    envelope = json.loads(out)
    assert (code, err) == (0, "")
    assert envelope == {
        "kling_pipe": envelope["kling_pipe"], "format": 1, "command": "validate", "ok": True, "exit_code": 0,
        "data": {"path": "s.yaml", "steps": 2, "members": 2, "errors": 0}, "problems": [],
    }  # fmt: skip


def test_plan_names_the_run_that_belongs_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(plan=plan())
    code, out, _ = seen(["plan", "s.yaml", "--simulate", "--only", "hero", "--provider", "mine"], verbs, capsys)
    assert code == 0
    assert out.endswith("next: `kling-pipe run s.yaml --simulate --only hero --provider mine`\n")
    assert verbs.asked == [Options(simulate=True, only=("hero",), provider="mine")]


def test_run_without_anybody_to_agree_spends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    code, out, err = seen(["run", "s.yaml"], verbs, capsys)
    assert (code, out, verbs.ran) == (3, "", 0)
    assert "this run would spend 0.266 USD (16 image units + 1.5 video units), and nobody is here to agree" in err


def test_a_budget_in_a_file_is_nobodys_word_to_spend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run(), budget=Cap(Decimal(1), "USD"))
    code, _, err = seen(["run", "s.yaml"], verbs, capsys)
    assert (code, verbs.ran) == (3, 0)
    assert "nobody is here to agree" in err


@pytest.mark.parametrize("words", [["--yes"], ["--max-cost", "1 USD"], ["--simulate"]])
def test_run_goes_on_with_a_word_for_it(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    code, _, _ = seen(["run", "s.yaml", *words], verbs, capsys)
    assert (code, verbs.ran) == (1, 1)


def test_run_tells_its_events_as_lines_and_its_end_as_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    code, out, err = seen(["run", "s.yaml", "--yes"], verbs, capsys)
    assert code == 1
    assert out.startswith("deliverables\n  out/hero.png  png 1360×768\n")
    assert "      25 s  hero: done in 22 s, 0.028 USD (8 image units)\n" in err


def test_run_records_its_events_beside_the_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen(["run", "s.yaml", "--yes"], StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run()), capsys)
    text = (tmp_path / "runs" / "r1.jsonl").read_text(encoding="utf-8")
    assert len(text.splitlines()) == len(mixed_run())


def test_run_as_json_prints_the_envelope_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    code, out, err = seen(["run", "s.yaml", "--yes", "--json"], verbs, capsys)
    envelope = json.loads(out)
    assert (code, err) == (1, "")
    assert (envelope["command"], envelope["ok"], envelope["exit_code"]) == ("run", False, 1)
    assert envelope["data"]["spent"] == {"usd": "0.028", "units": {"image": "8"}}


def test_run_hands_its_options_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    words = ["run", "s.yaml", "--yes", "--fail-fast", "--jobs", "3", "--only", "a", "--only", "b", "--max-cost"]
    seen([*words, "40 units"], verbs, capsys)
    assert verbs.asked == [
        Options(only=("a", "b"), max_cost=Cap(Decimal(40), "units"), jobs=3, fail_fast=True)
    ]  # fmt: skip


def test_speed_belongs_to_the_simulator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verbs = StagedVerbs(str(tmp_path), plan=plan(), events=mixed_run())
    code, _, err = seen(["run", "s.yaml", "--yes", "--speed", "5"], verbs, capsys)
    assert (code, verbs.ran) == (2, 0)
    assert "`--speed` needs `--simulate`" in err


def test_status_shows_every_member_and_the_next_run(capsys: pytest.CaptureFixture[str]) -> None:
    members = (
        StagedMember("hero", "current", cost=picture_cost, digest="0123456789abcdef"),
        StagedMember("clip", "running", takes_done=0, provider_status="processing", task_id="7002", age_seconds=65.0),
    )
    verbs = StagedVerbs(status=StagedStatus(members, picture_cost, (("out/hero.png", "written"),)))
    code, out, _ = seen(["status", "s.yaml"], verbs, capsys)
    assert code == 0
    assert out.splitlines() == [
        "s.yaml: 2 steps, 1 current",
        "",
        "           step  takes  model     cost                       since           task  about",
        "  current  hero  1/1    kling-v3  0.028 USD (8 image units)                        0123456789ab",
        "  running  clip  0/1    kling-v3                             1 min 05 s ago  7002  processing",
        "",
        "deliver",
        "  out/hero.png  written",
        "",
        "spent so far  0.028 USD (8 image units)",
        "",
        "next: `kling-pipe run s.yaml`",
    ]


_refusal = "the prompt was refused by the content policy, request 0f3a1c5e-7d42-4b8e-9a60-2c1d5e7f9b31, ask the support"


def _refused_status() -> StagedVerbs:
    members = (
        StagedMember("hero", "current", cost=picture_cost, digest="0123456789abcdef"),
        StagedMember("clip", "failed", takes_done=0, message=_refusal, task_id="7002", age_seconds=65.0),
    )
    return StagedVerbs(status=StagedStatus(members, picture_cost))


def test_status_cuts_nothing_off_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = seen(["status", "s.yaml"], _refused_status(), capsys)
    assert out.splitlines()[4].endswith(f"7002  {_refusal}")


def test_status_keeps_to_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = seen(["status", "s.yaml"], _refused_status(), capsys, COLUMNS="80")
    assert out.splitlines()[2:8] == [
        "  current  hero",
        "    1/1 by kling-v3; 0.028 USD (8 image units); 0123456789ab",
        "  failed  clip",
        "    0/1 by kling-v3; 1 min 05 s ago; task 7002; the prompt was refused by the",
        "    content policy, request 0f3a1c5e-7d42-4b8e-9a60-2c1d5e7f9b31, ask the",
        "    support",
    ]


def test_status_says_of_simulated_money_that_nobody_paid_it(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = seen(["status", "s.yaml", "--simulate"], _refused_status(), capsys)
    assert "spent so far  0.028 USD (8 image units), simulated, nobody was charged\n" in out
    _, out, _ = seen(["status", "s.yaml", "--simulate", "--json"], _refused_status(), capsys)
    assert json.loads(out)["data"]["realm"] == "simulated"


def test_doctor_marks_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    findings = (
        StagedFinding("python", "ok", "3.12.1"),
        StagedFinding("credentials", "error", "none for profile `kling`", "set `KLINGAI_API_KEY`"),
    )
    code, out, _ = seen(["doctor"], StagedVerbs(findings=findings), capsys)
    assert code == 1
    assert out.splitlines() == [
        "ok     python       3.12.1",
        "ERROR  credentials  none for profile `kling`",
        "                    hint: set `KLINGAI_API_KEY`",
        "",
        "1 error found",
    ]
