"""Members: a step at fixed axis values, under a readable address such as `spot[locale=de,ratio=9:16]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

address_form = "write it like `hero`, `spot[locale=de]` or `spot[locale=de,ratio=9:16]`"
step_id = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_address = re.compile(r"(?P<step>[A-Za-z_][A-Za-z0-9_-]*)(?:\[(?P<pins>[^\[\]]*)\])?\Z")

# Keys that give a storyboard or a step axes, or merge files into it. They are reserved by the format page and not
# read by this version; each is refused by name, since a storyboard that means them must not be made without them.
later_keys: Mapping[str, str] = {
    "variants": "write one step for each value, or keep one storyboard for each",
    "each": "write one step for each value",
    "vary": "write one step for each value",
    "gather": "list the steps one by one",
    "exclude": "leave out the steps that are not wanted",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A step at its coordinates, which are (axis, value) pairs in the axes' order; without axes there is one."""

    step: str
    coordinates: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """`hero`, or `spot[locale=de,ratio=9:16]`."""
        if not self.coordinates:
            return self.step
        return f"{self.step}[{','.join(f'{axis}={value}' for axis, value in self.coordinates)}]"

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of its axes."""
        return tuple(axis for axis, _ in self.coordinates)

    @staticmethod
    def parse(address: str) -> Member:
        """The inverse of `address`; raises ValueError."""
        match = _address.match(address)
        if match is None:
            raise ValueError(f"expected an address such as `hero` or `spot[locale=de]`: {address}")
        return Member(match["step"], parse_pins(match["pins"]) if match["pins"] is not None else ())


def parse_pins(text: str) -> tuple[tuple[str, str], ...]:
    """`locale=de,ratio=9:16` as pairs; raises ValueError."""
    pairs = [part.partition("=") for part in text.split(",")]
    pins = tuple((axis.strip(), value.strip()) for axis, _, value in pairs)
    if not all(axis and value for axis, value in pins):
        raise ValueError(f"expected `axis=value` pairs: {text}")
    if len({axis for axis, _ in pins}) < len(pins):
        raise ValueError(f"an axis is named twice: {text}")
    return pins
