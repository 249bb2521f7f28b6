"""Credentials as values: what kind, and secrets that never show themselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.values.secret import Secret


class CredentialKind(StrEnum):
    """The credentials a profile may hold; named by what they are, never by value."""

    API_KEY = "api-key"
    KEY_PAIR = "key-pair"


@dataclass(frozen=True, slots=True)
class Credential:
    """A profile's credential: `primary` is the key, or the access key of a pair; `secondary` the pair's secret, or the
    user's id that goes with a key."""

    kind: CredentialKind
    primary: Secret
    secondary: Secret | None = None
