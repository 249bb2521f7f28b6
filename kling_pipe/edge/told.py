"""What a service says, without the credentials that were sent to it: services repeat them in their errors, and errors
are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kling_pipe.values.credential import Credential
from kling_pipe.values.wire import Request


def unrepeated(request: Request, status: int, said: bytes) -> bytes:
    """An answer without what was secret in the request."""
    said = _without_keys(said, _keys(request))
    return _without_names(said, _names(request)) if status >= _first_error else said


def hidden(credential: Credential, said: bytes, *, failed: bool) -> bytes:
    """What an executable said, without the credential it was given."""
    said = _without_keys(said, [credential.primary.reveal()])
    user = credential.secondary.reveal() if credential.secondary is not None else ""
    return _without_names(said, [user]) if failed else said


def _without_keys(said: bytes, keys: Iterable[str]) -> bytes:
    for key in keys:
        head = key.encode()[:_told_part]
        if len(head) >= _least_part and head in said:
            said = re.sub(rb"(?:(?i:bearer)\s+)?" + re.escape(head) + _rest_of_word, b"****", said)
    return said


def _without_names(said: bytes, names: Iterable[str]) -> bytes:
    for name in names:
        if len(name) >= _least_part:
            mark = b"0" if name.isdecimal() else b"****"  # it may stand as a number in JSON, which is to stay so
            said = re.sub(rb"(?<![\w-])" + re.escape(name.encode()) + rb"(?![\w-])", mark, said)
    return said


def _keys(request: Request) -> Iterator[str]:
    """What opens the account: the credential of the usual header, and of headers and fields that are called so."""
    for name, value in request.headers:
        if _is_key.search(name):
            yield value.rpartition(" ")[2]
    yield from _keys_within(request.body)


def _keys_within(value: object, depth: int = 3) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and _is_key_field.fullmatch(str(name)):
                yield item
            elif depth:
                yield from _keys_within(item, depth - 1)
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _keys_within(item, depth - 1)


def _names(request: Request) -> Iterator[str]:
    """Who the user is: no secret where it stands in the address of what was made, so only errors lose it."""
    return (value for name, value in request.headers if _is_user.search(name))


_is_key = re.compile(r"authorization|cookie|secret|token|(?:^|[-_])key(?:$|[-_])|apikey", re.IGNORECASE)
_is_key_field = re.compile(r"(?:api|access|secret)[-_]?key|(?:access[-_]?)?token|password", re.IGNORECASE)
_is_user = re.compile(r"user[-_]?id$", re.IGNORECASE)
_first_error = 400
_told_part = 12  # services also repeat the beginning of a credential only
_least_part = 6
_rest_of_word = rb'(?:[^\s"\\<>]|\\/|\\u[0-9a-fA-F]{4})*'  # JSON may write any letter in another way
