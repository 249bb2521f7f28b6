"""`plan -o` and `run plan.json` as continuous integration types them: no terminal, no `--yes`, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.scenarios.stage import Simulator, checkout, simulator, typed

pytestmark = pytest.mark.slow
board = """\
storyboard: 1
steps:
  boat: {kind: text-to-image, prompt: A boat, takes: 2}
  night: {kind: image-to-image, image: steps.boat, prompt: At night}
deliver:
  out/night.png: steps.night
"""
fast = ("--speed", "2000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "board.yaml").write_text(board)
    return tmp_path


def test_a_plan_fits_its_schema_and_is_carried_out_without_a_word(folder: Path) -> None:
    planned = typed(folder, "plan", "board.yaml", "--simulate", "-o", "plan.json")
    assert (planned.code, planned.out.splitlines()[-1]) == (0, "next: `kling-pipe run plan.json`")
    schema = json.loads((checkout / "schemas/plan.schema.json").read_text())
    document = json.loads((folder / "plan.json").read_text())
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []
    ran = typed(folder, "run", "plan.json", *fast, "--json")
    data = ran.envelope["data"]
    assert (ran.code, data["realm"], data["spent"]) == (0, "simulated", document["estimate"])
    assert (folder / "out/night.png").is_file()
    again = typed(folder, "run", "plan.json", *fast)
    assert (again.code, "spent  nothing" in again.out) == (0, True)


def test_a_plan_that_comes_to_more_than_it_says_stops_there_and_is_planned_again(folder: Path) -> None:
    cheap = "project: 1\nprices: {as_of: 2026-11-01, kling-v3: {text-to-image: 0.001 USD}}\n"
    (folder / "kling-pipe.yaml").write_text(cheap)
    typed(folder, "plan", "board.yaml", "--simulate", "-o", "plan.json")
    ran = typed(folder, "run", "plan.json", *fast)
    again = "kling-pipe plan board.yaml --simulate -o plan.json"
    assert (ran.code, ran.out.splitlines()[-1]) == (
        3, f"next: this came to more than was planned; plan again and look at it: `{again}`",
    )  # fmt: skip


def test_what_wants_a_storyboard_says_that_a_plan_is_none(folder: Path) -> None:
    typed(folder, "plan", "board.yaml", "--simulate", "-o", "plan.json")
    said = typed(folder, "plan", "plan.json")
    assert (said.code, said.out, said.err.splitlines()) == (
        2, "",
        ["is-a-plan", "  `plan.json` is a plan that was written down, a storyboard was expected", "",
         "hint: `kling-pipe run plan.json` carries it out"],
    )  # fmt: skip


def test_a_changed_prompt_ends_with_3_and_says_what_and_what_to_type(folder: Path) -> None:
    typed(folder, "plan", "board.yaml", "--simulate", "--only", "boat", "-o", "plan.json")
    (folder / "board.yaml").write_text(board.replace("A boat", "A ship"))
    said = typed(folder, "run", "plan.json", *fast)
    assert (said.code, said.out) == (3, "")
    lines, again = said.err.splitlines(), "kling-pipe plan board.yaml --simulate --only boat -o plan.json"
    assert lines[0] == "plan-drift"
    assert lines[1].startswith("  `board.yaml` was changed: sha256 ")
    assert lines[3:6] == [
        "board.yaml:3:39: plan-drift",
        "  boat: {kind: text-to-image, prompt: A boat, takes: 2}".replace("boat,", "ship,"),
        "                                      ^^^^^^",
    ]
    assert lines[6:] == [
        '  `boat: prompt`: "A boat" was planned, it is "A ship" now',
        "",
        f"hint: nothing was spent; plan again and look at it: `{again}`",
    ]
    assert [problem["code"] for problem in typed(folder, "run", "plan.json", "--json").envelope["problems"]] == [
        "plan-drift", "plan-drift",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "boat"), "`--only` cannot change a plan that was written down"),
        (("--provider", "kling", "--frozen"), "`--provider` and `--frozen` cannot change a plan that was written down"),
        (("--max-cost", "0.01 USD"), "and `--max-cost` is 0.01 USD"),
    ],
)
def test_what_a_plan_cannot_be_run_with(folder: Path, words: tuple[str, ...], told: str) -> None:
    typed(folder, "plan", "board.yaml", "--simulate", "-o", "plan.json")
    said = typed(folder, "run", "plan.json", *words)
    assert said.code == (3 if "--max-cost" in words else 2)
    assert told in said.err


def test_a_plan_of_another_format_or_edited_by_hand_is_refused(folder: Path) -> None:
    typed(folder, "plan", "board.yaml", "--simulate", "-o", "plan.json")
    text = (folder / "plan.json").read_text()
    codes = []
    for other in (text.replace('"plan": 1', '"plan": 2'), text.replace("A boat", "A ship"), text[:-20]):
        (folder / "plan.json").write_text(other)
        said = typed(folder, "run", "plan.json", "--json")
        codes.append((said.code, said.envelope["problems"][0]["code"]))
    assert codes == [(2, "plan-format"), (2, "plan-damaged"), (2, "plan-damaged")]


def test_a_storyboard_is_never_written_over(folder: Path) -> None:
    said = typed(folder, "plan", "board.yaml", "--simulate", "-o", "board.yaml")
    assert (said.code, (folder / "board.yaml").read_text()) == (2, board)
    assert "`board.yaml` is there already, and it is no plan" in said.err
    for name in ("nowhere/plan.json", "."):
        lost = typed(folder, "plan", "board.yaml", "--simulate", "-o", name, "--json")
        assert (lost.code, lost.envelope["problems"][0]["code"]) == (2, "not-a-file")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with simulator(tmp_path_factory.mktemp("service")) as found:
        yield found


def test_real_money_goes_by_the_plan_alone_and_the_bills_are_as_planned(folder: Path, service: Simulator) -> None:
    """Nobody is there to ask, `--yes` is not given, and a run of the storyboard itself is refused for that."""
    account = service.with_key
    assert typed(folder, "run", "board.yaml", environment=account).code == 3
    assert typed(folder, "plan", "board.yaml", "-o", "plan.json", environment=account).code == 0
    assert typed(folder, "run", "plan.json", environment=account).code == 0
    assert len(service.bills()) == 2
    document = json.loads((folder / "plan.json").read_text())
    assert [len(job["takes"]) for job in document["jobs"]] == [2, 1]
    (folder / "board.yaml").write_text(board.replace("At night", "At dusk"))
    assert typed(folder, "run", "plan.json", environment=account).code == 3
    assert len(service.bills()) == 2
