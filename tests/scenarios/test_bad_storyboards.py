"""Every bad project in `bad/`, typed as a user would: what is said is exactly `expected.txt`, and nobody is billed.

`KLING_PIPE_GOLDEN=write` rewrites the expected texts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.scenarios.materials import furnish, material
from tests.scenarios.stage import Counter, Said, checkout, counting, fenced, full_disk, spawned, typed

bad = Path(__file__).parent / "bad"
envelopes = Draft202012Validator(json.loads((checkout / "schemas/envelope.schema.json").read_text()))
run = ("run", "storyboard.yaml", "--yes")
nothing: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """What is typed, what happened to the project before, and in what surroundings; `counted` is a service to spend at.

    `before` is Python that another process runs before the product begins: limits of the system, say.
    """

    words: tuple[str, ...] = ("validate", "storyboard.yaml")
    prepare: Callable[[Path], None] = lambda _: None
    environment: Mapping[str, str] | None = None
    before: str = ""


def _made_once(folder: Path) -> None:
    said = typed(folder, "run", "storyboard.yaml", "--simulate", "--speed", "2000")
    assert said.code == 0, said.all


def _ledger(folder: Path) -> Path:
    path = folder / ".kling-pipe" / "ledger.db"
    path.parent.mkdir(exist_ok=True)
    return path


def _no_database(folder: Path) -> None:
    _ledger(folder).write_bytes(b"this was a ledger once, and then came an editor\n" * 40)


def _later_ledger(folder: Path) -> None:
    _made_once(folder)
    with sqlite3.connect(_ledger(folder)) as database:
        database.execute("pragma user_version = 7")
    database.close()


def _torn_ledger(folder: Path) -> None:
    """Page after page of zeros behind a good head, as after a lost cable."""
    _made_once(folder)
    path = _ledger(folder)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(size - 4096))


def _objects(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in (folder / ".kling-pipe/objects").rglob("*"):
        if path.is_file() and path.read_bytes()[4:8] == b"ftyp":
            yield path, path.read_bytes()


def _linked_outside(folder: Path) -> None:
    outside = folder.parent / "elsewhere.png"
    outside.write_bytes(material("shoe.png"))
    (folder / "media").mkdir()
    (folder / "media/link.png").symlink_to(outside)


def _linked_text_outside(folder: Path) -> None:
    outside = folder.parent / "elsewhere.yaml"
    outside.write_text("vars: {}")
    (folder / "brand/link.yaml").symlink_to(outside)


def _unwritable(name: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        (folder / name).mkdir()
        (folder / name).chmod(0o555)

    return prepare


def _made_but_locked(folder: Path) -> None:
    _made_once(folder)
    shutil.rmtree(folder / "out")
    _unwritable("out")(folder)


def _file_at(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


simulated = ("run", "storyboard.yaml", "--simulate", "--speed", "2000")
cases: Mapping[str, Case] = {
    "no-credentials": Case(run, environment=nothing),
    "half-a-key-pair": Case(run, environment={"KLINGAI_ACCESS_KEY": "an-access-key"}),
    "user-without-token": Case(run, environment={"PICSART_USER_ID": "7"}),
    "no-base-url": Case(run, environment={"KLING_GATEWAY_API_KEY": "a-key"}),
    "no-executable": Case(run, environment={"PICSART_ACCESS_TOKEN": "a-token", "PICSART_USER_ID": "7"}),
    "type-of-no-provider": Case(),
    "blank-credentials": Case(run, environment={"KLINGAI_API_KEY": "  "}),
    "credential-file-missing": Case(run),
    "not-agreed": Case(("run", "storyboard.yaml")),
    "budget-of-the-run": Case(run),
    "budget-of-a-step": Case(run),
    "max-cost-too-small": Case((*run, "--max-cost", "0.1 USD")),
    "max-cost-is-no-amount": Case((*run, "--max-cost", "cheap")),
    "unknown-only": Case((*run, "--only", "pusch")),
    "unknown-option": Case(("run", "storyboard.yaml", "--simulated")),
    "unknown-command": Case(("rnu", "storyboard.yaml")),
    "no-storyboard-named": Case(("run",)),
    "storyboard-missing": Case(("run", "story.yaml")),
    "storyboard-is-a-folder": Case(("run", "boards"), lambda folder: (folder / "boards").mkdir()),
    "storyboard-is-not-utf-8": Case(("run", "latin.yaml"), _file_at("latin.yaml", "name: Café\n".encode("latin-1"))),
    "unknown-provider-option": Case((*run, "--provider", "klnig")),
    "bad-speed": Case(("run", "storyboard.yaml", "--simulate", "--speed", "fast")),
    "file-is-a-link-outside": Case(prepare=_linked_outside),
    "include-missing": Case(prepare=_linked_text_outside),
    "file-is-a-folder": Case(prepare=lambda folder: (folder / "media").mkdir()),
    "picture-missing": Case(prepare=lambda folder: _beside(folder, "shoe.png")),
    "needs-a-url": Case(run),
    "needs-an-api-key": Case(run, environment={"KLINGAI_ACCESS_KEY": "an-access-key", "KLINGAI_SECRET_KEY": "secret"}),
    "ledger-is-no-database": Case(run, _no_database),
    "ledger-is-torn": Case(simulated, _torn_ledger),
    "ledger-of-a-later-version": Case(run, _later_ledger),
    "insecure-base-url": Case(run, environment={"KLINGAI_BASE_URL": "http://192.0.2.2:8700", "KLINGAI_API_KEY": "k"}),
    "state-is-a-file": Case(run, _file_at(".kling-pipe", b"")),
    "state-not-writable": Case(run, _unwritable(".kling-pipe"), before=fenced),
    "deliverable-not-writable": Case(simulated, _made_but_locked, before=fenced),
    "deliverable-is-a-folder": Case(run, lambda folder: (folder / "out/hero.png").mkdir(parents=True)),
    "disk-full": Case(run, before=full_disk),
}


def _beside(folder: Path, name: str) -> None:
    (folder / "media").mkdir()
    (folder / "media" / name).write_bytes(material(name))


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    with counting() as counter:
        yield counter


slow = frozenset(
    ("clip-too-long", "clip-too-short", "clip-truncated", "deliverable-not-writable", "disk-full", "ledger-is-torn",
     "ledger-of-a-later-version", "picture-too-heavy", "state-not-writable")
)  # fmt: skip
names = [pytest.param(name, marks=[pytest.mark.slow] * (name in slow)) for name in sorted(os.listdir(bad))]


@pytest.mark.parametrize("name", names)
def test_bad_storyboard(name: str, tmp_path: Path, counter: Counter) -> None:
    case = cases.get(name, Case())
    said = _type(name, case, tmp_path / "one", counter)
    text = _shown(case, said, tmp_path / "one", counter)
    golden = bad / name / "expected.txt"
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    assert said.code != 0
    assert "Traceback" not in said.all
    _check_envelope(case, said, _type(name, case, tmp_path / "two", counter, "--json"))
    if case.words[0] == "validate":
        ran = _type(name, Case(run), tmp_path / "one", counter)
        assert (ran.code, ran.out) == (said.code, "")
        assert said.err.startswith(ran.err)  # `run` says the same, and `validate` counts
    assert counter.seen == []


def test_every_case_has_its_folder() -> None:
    assert set(cases) <= set(os.listdir(bad))
    assert len(os.listdir(bad)) >= 40


def _type(name: str, case: Case, folder: Path, counter: Counter, *more: str) -> Said:
    if not folder.exists():
        shutil.copytree(bad / name, folder, ignore=shutil.ignore_patterns("expected.txt"))
        furnish(folder)
        case.prepare(folder)
    environment = counter.environment if case.environment is None else case.environment
    if case.before:
        return spawned(folder, *case.words, *more, environment=environment, before=case.before)
    return typed(folder, *case.words, *more, environment={"KLINGAI_BASE_URL": counter.url, **environment})


def _shown(case: Case, said: Said, folder: Path, counter: Counter) -> str:
    words = " ".join(f"'{word}'" if " " in word else word for word in case.words)
    parts = [f"$ kling-pipe {words}\n", said.out, "--- stderr\n" if said.err else "", said.err]
    text = "".join(parts) + f"--- exit code {said.code}\n"
    text = text.replace(f"{folder}{os.sep}", "").replace(str(folder.parent), "…").replace(counter.url, "http://service")
    for pattern, shown in _passing:
        text = pattern.sub(shown, text)
    return text


_passing = (  # what differs from run to run
    (re.compile(r"^ *[0-9.]+ (?:s|min)  ", re.MULTILINE), "     0 s  "),
    (re.compile(r"\brun [0-9a-f]{16}\b"), "run 0123456789abcdef"),
    (re.compile(r"\b[0-9]{18}\b"), "123456789012345678"),
    (re.compile(r"`[0-9a-f]{12}`"), "`0123456789ab`"),
    (re.compile(r"(incoming/)[0-9a-f]{24}"), r"\g<1>0123456789abcdef01234567"),
    (re.compile(r"\b(in|about) [0-9.]+ s\b"), r"\1 1 s"),
    (re.compile(r"\btime   [0-9.]+ s\b"), "time   1 s"),
)


def _check_envelope(case: Case, said: Said, json_said: Said) -> None:
    found = json_said.envelope
    envelopes.validate(found)
    assert (found["ok"], found["exit_code"], json_said.code) == (False, said.code, said.code)
    assert found["problems"]
    assert all(problem["code"] in said.err for problem in found["problems"])
    assert "Traceback" not in json_said.all
