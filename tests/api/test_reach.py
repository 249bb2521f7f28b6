"""Where a profile leads, and that it leads nowhere is told before anything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.api.reach import need_reach
from kling_pipe.api.worlds import base_url_of, hosts_of
from kling_pipe.errors import ExitCode, UsageFailure
from kling_pipe.values.profile import Host, Profile

gate = Profile("gate", "gate", base_url_variable="GATE_URL")
told = "; or try it without any, and without cost: add `--simulate`"


def test_variables_go_before_what_is_written() -> None:
    road = Profile("road", "road", "https://a.example", "ROAD_URL", hosts={"upload": Host("https://u.example", "UP")})
    assert (base_url_of(road, {}), hosts_of(road, {})) == ("https://a.example", {"upload": "https://u.example"})
    moved = {"ROAD_URL": "http://127.0.0.1:1", "UP": "http://127.0.0.1:2"}
    assert (base_url_of(road, moved), hosts_of(road, moved)) == ("http://127.0.0.1:1", {"upload": "http://127.0.0.1:2"})


def test_a_profile_without_an_address_leads_nowhere() -> None:
    need_reach(gate, {"GATE_URL": "https://g.example"})
    with pytest.raises(UsageFailure) as caught:
        need_reach(gate, {"GATE_URL": " "})
    failure = caught.value
    assert (failure.code, failure.message) == ("no-base-url", "profile `gate` has no base URL")
    assert failure.hint == f"set `GATE_URL`, or write `base_url:` in the profile{told}"
    assert failure.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        ({"GATE_URL": "http://g.example"}, "insecure-base-url"),
        ({"GATE_URL": "https://g.example", "UP": "http://u.example"}, "insecure-base-url"),
        ({"GATE_URL": "g.example"}, "bad-base-url"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_leads_nowhere(addresses: dict[str, str], code: str) -> None:
    with pytest.raises(UsageFailure) as caught:
        need_reach(replace(gate, hosts={"upload": Host("https://u.example", "UP")}), addresses)
    assert caught.value.code == code


def test_an_executable_has_to_be_there(tmp_path: Path) -> None:
    profile = Profile("road", "road", transport="executable", executable="road-cli")
    with pytest.raises(UsageFailure) as caught:
        need_reach(profile, {"PATH": str(tmp_path)})
    assert caught.value.message == "the executable `road-cli` of profile `road` is not there"
    assert caught.value.hint == f"write its path as `executable:` in the profile{told}"
    (tmp_path / "road-cli").write_text("#!/bin/sh\n")
    (tmp_path / "road-cli").chmod(0o755)
    need_reach(profile, {"PATH": str(tmp_path)})
