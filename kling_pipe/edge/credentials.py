"""Credentials by the name of an environment variable or a file; values never leave as plain text."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from kling_pipe.errors import CredentialFailure
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.profile import CredentialSource, Profile
from kling_pipe.values.secret import Secret

_odd = re.compile(r"[^!-~]")  # what cannot travel in a header would be told in an error about headers


def find_credential(profile: Profile, environment: Mapping[str, str], folder: str = "") -> Credential | None:
    """The key if there is one, with the user's id if there is one, else the pair; blank values count as missing.

    An executable is handed a key only together with the user's id where its service has one."""
    key = read_source(profile.api_key, environment, folder)
    if key is not None:
        user = read_source(profile.user, environment, folder)
        if user is None and profile.user is not None and profile.transport == "executable":
            return None
        return Credential(CredentialKind.API_KEY, key, user)
    access = read_source(profile.access_key, environment, folder)
    secret = read_source(profile.secret_key, environment, folder)
    if access is not None and secret is not None:
        return Credential(CredentialKind.KEY_PAIR, access, secret)
    return None


def need_credential(profile: Profile, environment: Mapping[str, str], folder: str = "") -> Credential:
    """The credential; raises CredentialFailure naming both ways out."""
    credential = find_credential(profile, environment, folder)
    if credential is None:
        raise missing_credential(profile, environment, folder)
    return credential


def missing_credential(profile: Profile, environment: Mapping[str, str], folder: str = "") -> CredentialFailure:
    """That there is none, with what half of one is there."""
    names = " or ".join(_names(profile)) or "a credential in the project file"
    half = _half(profile, environment, folder)
    return CredentialFailure(
        "no-credentials",
        f"profile `{profile.name}` has no credentials{half}",
        span=profile.span,
        hint=f"set {names}; or try it without keys and without cost: add `--simulate`",
    )


def find_webhook_secret(profile: Profile, environment: Mapping[str, str], folder: str = "") -> Secret | None:
    """The secret that callbacks are signed with, if there is one."""
    return read_source(profile.webhook_secret, environment, folder)


def read_source(source: CredentialSource | None, environment: Mapping[str, str], folder: str) -> Secret | None:
    """The credential a source names, or None; raises CredentialFailure when it cannot be one."""
    if source is None:
        return None
    text = environment.get(source.variable, "") if source.variable else ""
    if not text and source.file:
        path = os.path.join(folder, os.path.expanduser(source.file))
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialFailure(
                "credential-file",
                f"the credential file `{source.file}` cannot be read: {getattr(error, 'strerror', '') or 'not text'}",
                hint="check its path and rights; or try it without keys and without cost: add `--simulate`",
            ) from error
    text = text.strip()
    if _odd.search(text):
        raise CredentialFailure(
            "odd-credential",
            f"{_name(source)} holds a character that no credential has: a space, a line end or a letter beyond ASCII",
            hint="copy the credential again, without quotes and words around it",
        )
    return Secret(text) if text else None


def read_environment_file(path: str) -> dict[str, str]:
    """The `NAME=value` lines of a `.env` file; quotes are taken off, comments and `export` passed over."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name.strip() and not name.lstrip().startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            found[name.strip()] = value
    return found


def _names(profile: Profile) -> list[str]:
    pairs = ((profile.api_key, profile.user), (profile.access_key, profile.secret_key))
    return [" + ".join(names) for pair in pairs if (names := [_name(source) for source in pair if source])]


def _name(source: CredentialSource | None) -> str:
    return "" if source is None else f"`{source.variable or source.file}`"


def _half(profile: Profile, environment: Mapping[str, str], folder: str) -> str:
    """Says which half is missing, of a key pair or of a key with its user's id, when only one is."""
    for pair in ((profile.api_key, profile.user), (profile.access_key, profile.secret_key)):
        halves = [(_name(source), read_source(source, environment, folder)) for source in pair if source]
        there = [name for name, found in halves if found is not None]
        missing = [name for name, found in halves if found is None]
        if there and missing:
            return f": {there[0]} is set, {missing[0]} is not"
    return ""
