"""What people and programs see of `models` and `models explain`, of the shipped catalogue.

`KLING_PIPE_GOLDEN=write` rewrites the texts in `models/`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.cli import main
from kling_pipe.report.tables import width
from tests.providers.kling_jobs import catalogue

folder = Path(__file__).parent / "models"
screens: dict[str, tuple[int, list[str]]] = {
    "list": (100, []),
    "list-narrow": (60, []),
    "list-all": (100, ["--all"]),
    "need": (100, ["--sound", "--end-frame", "--elements", "2", "--seconds", "12", "--mode", "4k"]),
    "need-clip": (100, ["--clip", "--references", "2"]),
    "need-voices": (100, ["--voices"]),
    "need-shots": (100, ["--shots", "--kind", "text-to-video"]),
    "need-word": (100, ["--can", "camera", "--all"]),
    "help": (100, ["--help"]),
    "explain-help": (100, ["explain", "--help"]),
    "explain-kling-v3": (100, ["explain", "kling-v3"]),
    "explain-kling-v3-narrow": (60, ["explain", "kling-3.0"]),
    "explain-omni": (100, ["explain", "kling-v3-omni"]),
    "explain-lip-sync": (100, ["explain", "kling-lip-sync"]),
    "explain-expand": (100, ["explain", "kling-image-expand"]),
    "explain-edit": (100, ["explain", "kling-multi-elements"]),
    "explain-effects": (100, ["explain", "kling-video-effects"]),
    "explain-multi-angle": (100, ["explain", "kling-multi-angle"]),
    "explain-segment": (100, ["explain", "kling-image-recognize"]),
    "explain-element": (100, ["explain", "kling-element"]),
    "explain-speech": (100, ["explain", "kling-tts"]),
    "explain-retired": (100, ["explain", "kling-v1-5"]),
    "explain-alias": (100, ["explain", "klingai:kling-video@2.6-pro"]),
}


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def seen(words: list[str], capsys: pytest.CaptureFixture[str], columns: int = 100) -> tuple[int, str, str]:
    code = main(["models", *words], environment={"COLUMNS": str(columns)})
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", screens)
def test_a_screen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    columns, words = screens[name]
    code, out, err = seen(words, capsys, columns)
    golden = folder / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.write_text(out, encoding="utf-8")
    assert (code, out, err) == (0, golden.read_text(encoding="utf-8"), "")


def test_every_screen_has_its_golden_text_and_no_more() -> None:
    assert {path.stem for path in folder.glob("*.txt")} == set(screens)


@pytest.mark.parametrize("columns", [48, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = seen(["--all"], capsys, columns)
    assert [line for line in out.splitlines() if width(line) > columns] == []


def test_a_page_names_what_an_open_list_holds(capsys: pytest.CaptureFixture[str]) -> None:
    page = json.loads(seen(["explain", "kling-video-effects", "--json"], capsys)[1])["data"]["models"][0]
    known = page["kinds"][0]["parameters"][0]["known"]
    assert list(known) == ["one-picture", "two-pictures"]
    assert "pet_diving" in known["one-picture"]
    assert "kiss_pro" in known["two-pictures"]


def test_every_model_can_be_explained_by_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    for row in catalogue.rows():
        for name in (row.model, *row.names, *row.aliases, *(one for one, _ in row.tiers)):
            found = catalogue.explain(name)
            assert found is not None, name
            assert row.model in {page.row.model for page in found.pages}, name


def data(words: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    code, out, err = seen([*words, "--json"], capsys)
    envelope = json.loads(out)
    assert (code, err, envelope["ok"], envelope["problems"]) == (0, "", True, [])
    return envelope


def test_the_list_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    envelope = data(["--kind", "image-to-video", "--elements", "1"], capsys)
    assert envelope["command"] == "models"
    ((kind,),) = (model["kinds"] for model in envelope["data"]["models"])
    assert (kind["kind"], kind["counts"], kind["modes"]) == ("image-to-video", {"elements": 3}, ["std", "pro", "4k"])


def test_a_page_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    envelope = data(["explain", "kling-v3-pro-audio"], capsys)
    assert envelope["command"] == "models explain"
    assert envelope["data"]["means"] == ["model: kling-v3", "mode: pro", "sound: true"]
    (model,) = envelope["data"]["models"]
    first = model["kinds"][0]
    assert first["prices"][0] == {
        "case": "std with sound: true", "units": "0.9", "currency": "units", "per": "a second", "example": "5 s",
        "cost": {"usd": "0.63", "units": {"video": "4.5"}},
    }  # fmt: skip
    assert first["ways"][0] == {
        "standard": "body-model", "endpoint": "/v1/videos/text2video", "when": "", "needs_api_key": False,
    }  # fmt: skip


def test_nothing_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert seen(["--voices", "--elements", "1"], capsys) == (0, "no model fits\n", "")


def test_only_a_retired_one_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert seen(["--can", "camera"], capsys) == (
        0, "no model fits\n", "hint: a retired model fits, `--all` shows it\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--can", "sond"], "`sond` is not a capability\n\nhint: did you mean `sound`?"),
        (["--kind", "image-to-vidoe"], "`image-to-vidoe` is not a step kind\n\nhint: did you mean `image-to-video`?"),
        (["--mode", "8k"], "`8k` is not a mode\n\nhint: there are `1k`, `2k`, `4k`, `std`"),
        (["--elements", "0"], "`--elements`: 0 is not in the range x>=1"),
        (
            ["explain", "kling-v2-5-turbo", "--provider", "gateway"],
            "`gateway` has no model `kling-v2-5-turbo`\n\nhint: `kling`, `runware` have it; `kling-pipe models",
        ),
        (["explain", "kling-v33"], "`kling-v33` is not the name of a model\n\nhint: did you mean `kling-v3`?"),
        (["explain", "sora"], "`sora` is not the name of a model\n\nhint: `kling-pipe models` lists them"),
        (["explain"], "`kling-pipe models explain` needs `MODEL`"),
        (["--clip", "explain", "kling-v3"], "`--clip` belongs behind `explain`, not before it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_nobody_knows(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = seen(words, capsys)
    assert (code, out) == (2, "")
    assert told in err


def test_the_projects_own_prices_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kling-pipe.yaml").write_text('prices: {units_usd: {image: "1"}}\n', encoding="utf-8")
    _, out, _ = seen(["explain", "kling-image-expand"], capsys)
    assert "8 units a picture, 8.00 USD (8 image units)" in out


def test_the_prices_of_a_contract_stand_above_the_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = (
        "prices:\n  as_of: 2026-11-01\n  kling-image-expand: 0.02 USD\n  kling-v2a: {video-to-audio: 1 unit a take}\n"
    )
    (tmp_path / "kling-pipe.yaml").write_text(prices, encoding="utf-8")
    _, out, _ = seen(["explain", "kling-image-expand"], capsys)
    assert [line.strip() for line in out.partition("price ")[2].splitlines()[:4]] == [
        "0.02 USD a picture, 0.02 USD",
        "as of 2026-11-01, your own by kling-pipe.yaml:3; the list price is",
        "8 units a picture, 0.028 USD (8 image units)",
        "as of 2026-09-20, Kling API reference, likely",
    ]
    kinds = data(["explain", "kling-v2a"], capsys)["data"]["models"][0]["kinds"]
    assert kinds[0]["own_prices"] == [
        {"case": "", "units": "1", "currency": "units", "per": "a take", "example": "",
         "cost": {"usd": "0.14", "units": {"audio": "1"}}},
    ]  # fmt: skip
    _, out, _ = seen(["--kind", "expand-image"], capsys)
    assert "0.02 USD own" in out


def test_a_price_that_means_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kling-pipe.yaml").write_text("prices: {kling-v33: 1 unit}\n", encoding="utf-8")
    code, out, err = seen([], capsys)
    assert (code, out) == (2, "")
    assert "kling-pipe.yaml:1:10: unknown-model\n  prices: {kling-v33: 1 unit}\n" in err
