"""Members and their addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.story.axes import Member


def test_a_member_without_coordinates_is_named_as_its_step() -> None:
    assert Member("hero").address == "hero"


def test_an_address_lists_axes_in_order() -> None:
    assert Member("spot", (("locale", "de"), ("ratio", "9:16"))).address == "spot[locale=de,ratio=9:16]"


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
words = st.text(alphabet="abz019:.-x", min_size=1, max_size=8)


@pytest.mark.slow
@given(names, st.dictionaries(names, words, max_size=3))
def test_an_address_parses_back(step: str, coordinates: dict[str, str]) -> None:
    member = Member(step, tuple(coordinates.items()))
    assert Member.parse(member.address) == member


@pytest.mark.parametrize("address", ["", "1st", "a b", "a[", "a[]", "a[x]", "a[x=]", "a[=y]", "a[x=1,x=2]", "a[x=1]b"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"expected|twice"):
        Member.parse(address)
