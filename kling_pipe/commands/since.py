"""`--since`: a moment in the past as people write it, `7d`, `12h`, `5m`, `2w` or a date."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import click

_seconds = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_span = re.compile(r"(\d{1,6})([smhdw])")
_Function = TypeVar("_Function", bound=Callable[..., object])


def moment_before(text: str, now: float) -> float:
    """Unix seconds of `text`, a date being its first moment here; 0 for an empty text. Raises ValueError."""
    if not text:
        return 0.0
    span = _span.fullmatch(text.strip())
    if span is not None:
        return max(0.0, now - int(span[1]) * _seconds[span[2]])
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"expected a time such as `7d`, `12h` or `2026-09-30`: {text}") from None


def since_switch(help_text: str, default: str = "") -> Callable[[_Function], _Function]:
    """The switch; its value is Unix seconds."""

    def read(_: click.Context, __: click.Parameter, value: str) -> float:
        try:
            return moment_before(value, time.time())
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return click.option(
        "--since", callback=read, default=default, metavar="TIME", help=help_text, show_default=bool(default)
    )
