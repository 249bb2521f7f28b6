"""`diff` on the history of an example, as it is typed; `KLING_PIPE_GOLDEN=write` rewrites the texts in `diff/`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.cli import main
from tests.bought_on_paper import buy
from tests.commands.test_why import varied
from tests.edge.plain_picture import png
from tests.git_history import GitHistory
from tests.scenarios.stage import checkout

goldens = Path(__file__).parent / "diff"
pytestmark = pytest.mark.slow
board = (checkout / "pipelines/product-launch.yaml").read_text("utf-8")
outro = """
  outro:
    kind: image-to-video
    model: kling-v2-5-turbo
    image: steps.summit
    duration: 5
    prompt: The clouds close, the shoe is gone

deliver:
  out/product-launch/outro.mp4: steps.outro
"""
badge = """\
storyboard: 1
steps:
  badge: {kind: image-to-image, model: kling-v3, image: ./refs/logo.png, prompt: A badge}
"""


def edited(text: str, *edits: tuple[str, str]) -> str:
    for before, now in edits:
        assert before in text, before
        text = text.replace(before, now)
    return text


def without(text: str, step: str) -> str:
    """The storyboard without a step and its deliverable."""
    text, count = re.subn(rf"(?ms)^  {step}:\n.*?(?=^  \w+:\n|^deliver:)", "", text)
    assert count == 1
    return re.sub(rf"(?m)^  out/.*: steps\.{step}\n", "", text)


dusk = edited(board, ("golden hour, low sun", "blue hour, low moon"))
cosmetic = edited(dusk, ("  hero:\n", "  # The shoe itself.\n  shoe:\n"), ("steps.hero", "steps.shoe"))
last = edited(without(cosmetic, "story"), ("\ndeliver:\n", outro), ("takes: 3", "takes: 4"))
history = {"launch": board, "dusk": dusk, "cosmetic": cosmetic}
cases: dict[str, Sequence[str]] = {
    "colours-of-the-light": ("launch..dusk",),
    "nothing-paid-for": ("dusk..cosmetic",),
    "working-tree": (),
    "all-of-it": ("launch",),
    "backwards": ("cosmetic..launch",),
    "from-where-they-parted": ("side...main",),
    "markdown": ("launch", "--markdown"),
    "markdown-nothing": ("dusk..cosmetic", "--markdown"),
    "real": ("launch", ""),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three commits, of which the first was made and of the second the pictures, and a working tree that goes on."""
    repository = GitHistory(tmp_path_factory.mktemp("history"))
    path = repository.folder / "film" / "launch.yaml"
    for name, text in history.items():
        repository.commit({"film/launch.yaml": text, ".gitignore": ".kling-pipe/\n*.simulated.lock.yaml\n"})
        repository.git("tag", name)
        if name == "launch":
            assert len(buy(path)) == 7
        if name == "dusk":
            assert buy(path, only=("summit",)) == ["hero", "summit"]
    repository.git("checkout", "--quiet", "-b", "side", "dusk")
    repository.commit({"film/launch.yaml": edited(dusk, ("duration: 5", "duration: 10"))})
    repository.git("checkout", "--quiet", "main")
    path.write_text(last)
    return path.parent


@pytest.fixture
def typed(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def typed(*words: str, folder: Path = project, board: str = "launch.yaml") -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        capsys.readouterr()  # what the test itself typed before
        code = main(["diff", board, *words], environment={"KLINGAI_API_KEY": "key"})
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return typed


def steady(text: str) -> str:
    """Without the ids of commits and the numbers of lines, which tell every change of the example."""
    return re.sub(r"\.yaml:\d+", ".yaml:LINE", re.sub(r"\b[0-9a-f]{9,40}\b", "COMMIT", text))


@pytest.mark.parametrize("name", cases)
def test_diff_says(name: str, typed: Callable[..., tuple[int, str, str]]) -> None:
    words = [word for word in cases[name] if word]
    code, out, err = typed(*words, *([] if "" in cases[name] else ["--simulate"]))
    assert (code, err) == (0, "")
    golden = goldens / f"{name}.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.write_text(steady(out))
    assert steady(out) == golden.read_text()


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.stem for path in goldens.glob("*.txt")} == set(cases)


def data_of(typed: Callable[..., tuple[int, str, str]], *words: str, **where: Any) -> Any:
    code, out, err = typed(*words, "--simulate", "--json", **where)
    assert (code, err) == (0, "")
    return json.loads(out)["data"]


def test_the_json_tells_steps_and_money(typed: Callable[..., tuple[int, str, str]]) -> None:
    data = data_of(typed, "launch..dusk")
    told = [(one["address"], one["fate"], one["changed"], one["by"], one["cost"]["usd"]) for one in data["members"]]
    assert told == [
        ("hero", "changed", ["prompt"], [], "0"),
        ("summit", "changed", ["prompt"], ["hero"], "0"),
        ("reveal", "stale", [], ["hero", "summit"], "0.56"),
        ("story", "changed", ["shots"], [], "1.26"),
    ]  # fmt: skip
    assert data["counts"]["same"] == 3
    assert data["cost"]["usd"] == "1.82"
    assert data["from_scratch"]["difference"] == {"usd": "0", "units": {}}
    assert (data["older"]["revision"], data["newer"]["day"]) == ("launch", "2026-11-02")


def test_what_is_told_to_make_is_what_a_run_pays(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    path = tmp_path / "launch.yaml"
    paid = Decimal(0)
    for text in (board, dusk, last):
        repository.commit({"launch.yaml": text, ".gitignore": ".kling-pipe/\n*.simulated.lock.yaml\n"})
        words = ("HEAD~1..HEAD",) if text != board else ("HEAD",)
        code, out, _ = typed(*words, "--simulate", "--json", folder=tmp_path)
        assert code == 0
        told = Decimal(json.loads(out)["data"]["cost"]["usd"])
        before = spent(path)
        buy(path)
        assert spent(path) - before == told
        paid += told
    assert paid == spent(path) > 0


def spent(path: Path) -> Decimal:
    from kling_pipe.edge.ledger import Ledger
    from kling_pipe.values.job import Realm

    ledger = Ledger(str(path.parent / ".kling-pipe/ledger.db"), lambda _run: False)
    try:
        return ledger.spent(Realm.SIMULATED).usd
    finally:
        ledger.close()


def test_neither_repository_nor_state_is_changed(project: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    def everything() -> dict[str, bytes]:
        files = (path for path in project.parent.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in files if not path.name.startswith("ledger.db-")}

    before = everything()
    assert typed("launch..cosmetic", "--simulate")[0] == 0
    assert typed("launch", "--simulate")[0] == 0
    assert everything() == before


def test_what_a_repository_lacks_counts_as_it_is_today(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"s.yaml": badge, "refs/logo.png": png(400, 320), ".gitignore": "refs/\n"})
    code, out, err = typed("HEAD", folder=tmp_path, board="s.yaml")
    assert (code, "nothing that is paid for changed" in out) == (0, True)
    assert "note: input-not-in-revision\n  `refs/logo.png` is not in HEAD" in err


def test_an_input_that_was_committed_counts_as_it_was(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"s.yaml": badge, "refs/logo.png": png(400, 320)})
    repository.write({"refs/logo.png": png(400, 320, 9)})
    code, out, err = typed("HEAD", folder=tmp_path, board="s.yaml")
    assert (code, err) == (0, "")
    assert "  changed  badge  0.028 USD (8 image units)\n      image  [-" in out
    assert "from refs/logo.png-] {+" in out


def test_included_files_are_those_of_the_revision(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    cast = "storyboard: 1\nsteps:\n  hero: {kind: text-to-image, prompt: A small boat at sea}\n"
    repository.commit({"brand/cast.yaml": cast, "s.yaml": "storyboard: 1\ninclude: [brand/cast.yaml]\n"})
    repository.write({"brand/cast.yaml": cast.replace("boat", "ship")})
    code, out, err = typed("HEAD", folder=tmp_path, board="s.yaml")
    assert (code, err) == (0, "")
    assert "A small [-boat-]{+ship+} at sea" in out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("nowhere",), "unknown-revision", "`nowhere` is no revision of this repository"),
        (("launch..nowhere",), "unknown-revision", "`nowhere` is no revision of this repository"),
        (("--", "--output=x"), "unknown-revision", "`--output=x` is no revision of this repository"),
        (("HEAD:film/launch.yaml",), "unknown-revision", "`HEAD:film/launch.yaml` is no revision"),
        (("a b",), "unknown-revision", "`a b` is no revision"),
        (("^main",), "unknown-revision", "`^main` is no revision"),
        (("launch..dusk..main",), "unknown-revision", "`dusk..main` is no revision"),
        (("HEAD\n",), "unknown-revision", r"`'HEAD\n'` is no revision"),
        (("HEAD~99",), "unknown-revision", "`HEAD~99` is no revision"),
    ],
)
def test_what_is_no_revision_is_refused(
    words: Sequence[str], code: str, sentence: str, typed: Callable[..., tuple[int, str, str]]
) -> None:
    ended, out, err = typed(*words)
    assert (ended, out) == (2, "")
    assert f"{code}\n" in err
    assert sentence in err


def test_a_storyboard_that_was_not_there_is_refused(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"README": "nothing yet"})
    repository.write({"s.yaml": board})
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "there is no `s.yaml` in HEAD (" in err) == (2, True)
    assert "hint: `git log --oneline --follow -- s.yaml`" in err


def test_problems_of_an_earlier_revision_are_told_with_its_name(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    commit = repository.commit({"s.yaml": board.replace("text-to-video", "text-to-vidoe")})
    repository.write({"s.yaml": board})
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert code == 2
    place = rf"(?m)^{commit[:9]}:s\.yaml:\d+:11: unknown-kind\n  kind: text-to-vidoe\n"
    assert re.search(place, err)


def test_no_repository_is_said(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    (tmp_path / "s.yaml").write_text(board)
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "no-repository\n" in err) == (2, True)


def test_no_git_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Callable[..., tuple[int, str, str]]
) -> None:
    (tmp_path / "s.yaml").write_text(board)
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "git-missing\n" in err) == (1, True)


def test_lines_that_never_met_have_nothing_in_common(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"s.yaml": board})
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit({"s.yaml": dusk})
    code, _, err = typed("main...other", folder=tmp_path, board="s.yaml")
    assert (code, "`main` and `other` have no commit in common" in err) == (2, True)


def test_a_name_that_was_mistyped_is_told_as_such(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    GitHistory(tmp_path).commit({"film/s.yaml": board})
    assert "there is no storyboard at `t.yaml`" in typed(folder=tmp_path, board="t.yaml")[2]
    assert "`film` is a folder, a storyboard was expected" in typed(folder=tmp_path, board="film")[2]
    assert "there is no folder `" in typed(folder=tmp_path, board="nowhere/s.yaml")[2]


def test_a_repository_without_files_is_none(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    GitHistory(tmp_path).git("config", "core.bare", "true")
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "no-repository\n" in err) == (2, True)


def test_a_repository_without_commits_has_no_head(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    GitHistory(tmp_path).write({"s.yaml": board})
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "`HEAD` is no revision of this repository" in err) == (2, True)


def test_it_works_in_a_hook_of_git(
    project: Path, monkeypatch: pytest.MonkeyPatch, typed: Callable[..., tuple[int, str, str]]
) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, "/nowhere")
    assert typed("launch..dusk", "--simulate")[0] == 0


def test_what_git_refuses_is_told_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Callable[..., tuple[int, str, str]]
) -> None:
    GitHistory(tmp_path).commit({"s.yaml": board})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    code, _, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, "git-refused\n  git refused: detected dubious ownership in repository" in err) == (1, True)


def test_other_prices_are_told_apart_from_other_steps(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    step = "storyboard: 1\nsteps:\n  boat: {kind: text-to-image, model: kling-v3, prompt: A boat}\n"
    repository.commit({"s.yaml": step, "kling-pipe.yaml": "prices: {units_usd: {image: '0.0035'}}\n"})
    repository.write({"kling-pipe.yaml": "prices: {units_usd: {image: '0.007'}}\n"})
    code, out, err = typed(folder=tmp_path, board="s.yaml")
    assert (code, err) == (0, "")
    assert "\nnothing that is paid for changed\n" in out
    assert "0.028 USD (8 image units) → 0.056 USD (8 image units), +0.028 USD, exact; prices changed" in out


def test_the_project_file_is_that_of_the_revision(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    secret = "profiles: {kling: {credentials: {api_key: {file: keys/secret}}}}\n"
    repository.commit({"kling-pipe.yaml": "profiles: {kling: {api_kye: x}}\n", "film/s.yaml": badge})
    repository.commit({"kling-pipe.yaml": secret, "film/refs/logo.png": png(400, 320), ".gitignore": "keys/\n"})
    repository.write({"keys/secret": "key-123"})
    code, _, err = typed("HEAD~1", folder=tmp_path, board="film/s.yaml")
    assert code == 2
    assert re.search(r"(?m)^[0-9a-f]{9}:kling-pipe.yaml:1:20: unknown-key\n  profiles: ", err)
    assert typed("HEAD", folder=tmp_path, board="film/s.yaml")[::2] == (0, "")


def test_a_pick_of_the_lock_is_that_of_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    text = """\
storyboard: 1
steps:
  boat: {kind: text-to-image, prompt: A boat, takes: 2}
  sails: {kind: image-to-video, image: steps.boat, prompt: It sails}
"""
    repository.commit({"s.yaml": text, ".gitignore": ".kling-pipe/\n"})
    path = tmp_path / "s.yaml"
    assert buy(path, simulate=False) == ["boat", "sails"]
    monkeypatch.chdir(tmp_path)
    assert main(["pick", "s.yaml", "boat", "2"], environment={"KLINGAI_API_KEY": "key"}) == 0
    repository.commit({})
    code, out, err = typed("HEAD~1..HEAD", folder=tmp_path, board="s.yaml")
    told = out.split("\n\n")
    assert (code, err) == (0, "")
    assert told[0].endswith("\n1 stale below, 1 picked anew")
    assert told[1].splitlines()[:2] == ["  picked anew  boat", "      pick  [-1-] {+2+}"]
    assert "  stale below  sails  " in told[1]


def test_members_that_are_alike_share_a_row(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"spots.yaml": varied})
    repository.write({"spots.yaml": varied.replace("Segel heute los", "Segel morgen los")})
    code, out, _ = typed("--simulate", folder=tmp_path, board="spots.yaml")
    assert (code, out.splitlines()[1]) == (0, "2 changed, 4 as before")
    assert out.splitlines()[3].startswith("  changed  spot[locale=de], 2 members  0.42 USD (3 video units)")
    repository.commit({})
    repository.write(
        {
            "spots.yaml": varied.replace("locale: [en, de]", "locale: [en, de, no]").replace(
                "de: Segel", "no: Seil, de: Segel"
            )
        }
    )
    rows = data_of(typed, "HEAD~1", folder=tmp_path, board="spots.yaml")["members"]
    assert {(one["address"].partition(",")[0], one["fate"]) for one in rows} == {("spot[locale=no", "added")}


film = (checkout / "pipelines/storyboard-film.yaml").read_text("utf-8")


def test_a_line_of_one_language_changes_what_carries_it(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"film.yaml": film})
    repository.write({"film.yaml": edited(film, ("Das Essen ist fertig.", "Das Essen steht bereit."))})
    data = data_of(typed, folder=tmp_path, board="film.yaml")
    assert {(one["address"], one["fate"]) for one in data["members"]} == {
        ("lines[locale=de,shot=cook]", "changed"),
        ("talking[locale=de,ratio=16:9]", "stale"),
        ("talking[locale=de,ratio=9:16]", "stale"),
    }
    out = typed("--simulate", folder=tmp_path, board="film.yaml")[1]
    assert "  changed      lines[locale=de,shot=cook]     0.007 USD" in out
    assert "  stale below  talking[locale=de], 2 members  about 0.294 USD (2.1 video units)  by lines\n" in out


def test_one_edit_of_many_texts_is_one_row(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"film.yaml": film})
    repository.write({"film.yaml": edited(film, ("soft northern light", "hard northern light"))})
    rows = [
        line for line in typed("--simulate", folder=tmp_path, board="film.yaml")[1].splitlines() if "members" in line
    ]
    assert [line.split("  ")[1:3] for line in rows] == [
        ["changed", ""], ["stale below", "moves, 24 members"], ["stale below", "talking, 6 members"], ["changed", ""],
    ]  # fmt: skip


tricky = """\
storyboard: 1
steps:
  boat:
    kind: text-to-image
    prompt: "A | b `c` *d* @somebody #12 <b>e</b> [f](http://g.example) \\e[31mred\\n| h"
    extra: {"k|ey\\e[0m": 1}
"""


def test_nothing_that_a_user_writes_is_a_mark(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    repository.commit({"s.yaml": "storyboard: 1\nsteps:\n  boat: {kind: text-to-image, prompt: A boat | b}\n"})
    repository.write({"s.yaml": tricky})
    code, out, _ = typed("--simulate", "--markdown", folder=tmp_path, board="s.yaml")
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert (code, [row.count("|") for row in rows]) == (0, [6, 6, 6])
    what = (
        rows[2]
        .replace("<del>", "")
        .replace("</del>", "")
        .replace("<ins>", "")
        .replace("</ins>", "")
        .replace("<br>", "")
    )
    assert not set("<>`@[]~_#") & set(re.sub(r"&#\d+;", "", what))
    assert "\x1b" not in out
    assert "\x1b" not in typed("--simulate", folder=tmp_path, board="s.yaml")[1]
    monkeyed = main(["why", str(tmp_path / "s.yaml"), "boat", "--simulate"], environment={})
    assert monkeyed == 0


def test_a_comment_is_never_too_long(tmp_path: Path, typed: Callable[..., tuple[int, str, str]]) -> None:
    repository = GitHistory(tmp_path)
    step = "  step_{}: {{kind: text-to-image, prompt: {} {}}}\n"
    head = "storyboard: 1\nsteps:\n"
    repository.commit({"s.yaml": head + "".join(step.format(n, "word " * 300, n) for n in range(200))})
    repository.write({"s.yaml": head + "".join(step.format(n, "other " * 300, n) for n in range(200))})
    code, out, _ = typed("--simulate", "--markdown", folder=tmp_path, board="s.yaml")
    assert code == 0
    assert 30_000 < len(out) < 60_000
    assert re.search(r"(?m)^\| and \d+ more \| \| \| \| \|$", out)


def test_a_pick_among_simulated_takes_which_git_ignores_is_no_difference_between_revisions(
    tmp_path: Path, typed: Callable[..., tuple[int, str, str]]
) -> None:
    repository = GitHistory(tmp_path)
    board = "storyboard: 1\nsteps:\n  boat: {kind: text-to-image, model: kling-v3, prompt: A boat, takes: 2}\n"
    repository.commit({"boats.yaml": board, ".gitignore": ".kling-pipe/\n*.simulated.lock.yaml\n"})
    buy(tmp_path / "boats.yaml")
    assert main(["pick", str(tmp_path / "boats.yaml"), "boat", "2", "--simulate"], environment={}) == 0
    code, out, _ = typed("--simulate", folder=tmp_path, board="boats.yaml")
    assert (code, [line for line in out.splitlines() if "boat" in line and "boats.yaml" not in line]) == (0, [])
