"""Credentials by name: which of a profile's are taken, and what is said when half of them is there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kling_pipe.edge.credentials import find_credential, need_credential
from kling_pipe.errors import CredentialFailure, ExitCode
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.profile import CredentialSource, Profile
from kling_pipe.values.secret import Secret

road = Profile("road", "road", api_key=CredentialSource("TOKEN"), user=CredentialSource("USER_ID"))
run = Profile(
    "road", "road", api_key=CredentialSource("TOKEN"), user=CredentialSource("USER_ID"), transport="executable"
)
pair = Profile("pair", "pair", access_key=CredentialSource("ACCESS"), secret_key=CredentialSource("SECRET"))
key = Credential(CredentialKind.API_KEY, Secret("t"))


@pytest.mark.parametrize(
    ("profile", "environment", "found"),
    [
        (road, {"TOKEN": "t"}, key),
        (road, {"TOKEN": "t", "USER_ID": "7"}, Credential(CredentialKind.API_KEY, Secret("t"), Secret("7"))),
        (road, {"TOKEN": "t", "USER_ID": " "}, key),
        (road, {"USER_ID": "7"}, None),
        (run, {"TOKEN": "t"}, None),
        (run, {"TOKEN": "t", "USER_ID": "7"}, Credential(CredentialKind.API_KEY, Secret("t"), Secret("7"))),
        (pair, {"ACCESS": "a"}, None),
    ],
)
def test_what_is_found(profile: Profile, environment: Mapping[str, str], found: Credential | None) -> None:
    assert find_credential(profile, environment) == found


@pytest.mark.parametrize(
    ("profile", "environment", "said"),
    [
        (road, {}, "profile `road` has no credentials"),
        (road, {"USER_ID": "7"}, "profile `road` has no credentials: `USER_ID` is set, `TOKEN` is not"),
        (run, {"TOKEN": "t"}, "profile `road` has no credentials: `TOKEN` is set, `USER_ID` is not"),
        (pair, {"SECRET": "s"}, "profile `pair` has no credentials: `SECRET` is set, `ACCESS` is not"),
    ],
)
def test_half_a_credential_is_told_of(profile: Profile, environment: Mapping[str, str], said: str) -> None:
    with pytest.raises(CredentialFailure) as caught:
        need_credential(profile, environment)
    assert (caught.value.message, caught.value.exit_code) == (said, ExitCode.CREDENTIALS)
    names = "`ACCESS` + `SECRET`" if profile is pair else "`TOKEN` + `USER_ID`"
    assert caught.value.hint == f"set {names}; or try it without keys and without cost: add `--simulate`"
