"""Whether a run lives, by a lock of the kernel's; credentials and `.env`; the ledger off the loop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kling_pipe.edge.book import LedgerBook
from kling_pipe.edge.credentials import find_credential, need_credential, read_environment_file
from kling_pipe.edge.presence import Presence, is_alive
from kling_pipe.errors import CredentialFailure
from kling_pipe.values.claim import ClaimAnswer
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.profile import CredentialSource, Profile
from tests.edge.jobs_on_paper import Office, job_of
from tests.patience import patience

profile = Profile(
    "kling", "kling", api_key=CredentialSource(variable="KEY"), access_key=CredentialSource(variable="ACCESS"),
    secret_key=CredentialSource(file="secret.txt"),
)  # fmt: skip


def test_a_run_lives_until_it_leaves(tmp_path: Path) -> None:
    presence = Presence(str(tmp_path), "run")
    alive = is_alive(str(tmp_path), "run")
    presence.leave()
    assert [alive, is_alive(str(tmp_path), "run"), os.listdir(tmp_path)] == [True, False, []]


def test_a_killed_run_is_dead_though_its_file_lies_there(tmp_path: Path) -> None:
    begin = f"from kling_pipe.edge.presence import Presence; Presence({str(tmp_path)!r}, 'run')"
    code = f"import os; {begin}; os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False, timeout=patience)
    assert [os.listdir(tmp_path), is_alive(str(tmp_path), "run"), os.listdir(tmp_path)] == [["run.alive"], False, []]


def test_a_run_nobody_began_is_dead(tmp_path: Path) -> None:
    assert is_alive(str(tmp_path / "nowhere"), "run") is False


def test_a_key_comes_before_a_pair_and_blank_is_missing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cret\n")
    found = [
        find_credential(profile, environment, str(tmp_path))
        for environment in ({"KEY": "k", "ACCESS": "a"}, {"KEY": " ", "ACCESS": "a"}, {"KEY": "", "ACCESS": ""})
    ]
    assert [credential.kind if credential else None for credential in found] == [
        CredentialKind.API_KEY, CredentialKind.KEY_PAIR, None,
    ]  # fmt: skip
    assert found[1] is not None
    assert found[1].secondary is not None
    assert found[1].secondary.reveal() == "s3cret"


def test_missing_credentials_name_both_ways_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("")
    with pytest.raises(CredentialFailure) as raised:
        need_credential(profile, {}, str(tmp_path))
    assert raised.value.code == "no-credentials"
    assert all(word in raised.value.hint for word in ("`KEY`", "`ACCESS`", "`secret.txt`", "--simulate"))


def test_an_environment_file_is_read_as_shells_write_it(tmp_path: Path) -> None:
    text = "# a comment\nexport A=1\nB = 'two words'\nC=\"x=y\"\n=nothing\nno equals\n\nD=\n"
    (tmp_path / ".env").write_text(text)
    assert read_environment_file(str(tmp_path / ".env")) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}
    assert read_environment_file(str(tmp_path / "none")) == {}


@pytest.mark.anyio
async def test_what_the_store_has_lost_is_not_made(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.made(job_of("a"))
    office.made(job_of("b"), digest="e" * 64)
    book = LedgerBook(office.ledger, "run", lambda: 200.0, lambda artifact: artifact.digest != "e" * 64)
    claims = [await book.claim(job_of(recipe), intend=True, explanation="") for recipe in ("a", "b")]
    book.close()
    assert [claim.answer for claim in claims] == [ClaimAnswer.MADE, ClaimAnswer.RESUME]
