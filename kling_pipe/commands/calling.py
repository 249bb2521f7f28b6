"""What the command line says of callbacks."""

from __future__ import annotations

from urllib.parse import urlsplit

from kling_pipe.api.options import Callbacks
from kling_pipe.errors import UsageFailure

_own_names = frozenset({"localhost", "127.0.0.1", "::1"})


def callbacks_of(url: str, port: int | None, *, simulate: bool) -> Callbacks | None:
    """Where services call back; None when nobody asked for it. Raises UsageFailure."""
    if port is None:
        if url:
            hint = "add `--callback-port 8710`, or the port your address leads to"
            raise UsageFailure("needs-option", "`--callback-url` needs `--callback-port`", hint=hint)
        return None
    if not url and not simulate:
        hint = "name the address under which the service reaches this port: `--callback-url https://…`"
        raise UsageFailure("needs-option", "`--callback-port` needs `--callback-url`", hint=hint)
    parts = urlsplit(url)
    # The page asks for HTTPS (native page, section 12, likely); a simulator on this machine is reached without.
    if url and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _own_names)):
        raise UsageFailure("insecure-url", f"`{url}` is not encrypted", hint="write `https://`")
    return Callbacks(url, port)
