"""Addresses as people type them."""

from __future__ import annotations

import pytest

from kling_pipe.errors import UsageFailure
from kling_pipe.story.addresses import members_named
from kling_pipe.story.storyboard import Step, Storyboard
from kling_pipe.values.span import Span

addresses = (
    "hero",
    "spot[locale=de,ratio=9:16]",
    "spot[locale=de,ratio=16:9]",
    "spot[locale=no,ratio=9:16]",
    "dub[locale=de]",
)
board = Storyboard(
    "story.yaml",
    "story",
    "kling",
    {address: Step(address, "text-to-image", "", Span("story.yaml", 1, 1)) for address in addresses},
    (),
)


@pytest.mark.parametrize(
    ("words", "members"),
    [
        ((), ()),
        (("hero",), addresses[:1]),
        (("spot",), addresses[1:4]),
        (("spot[locale=de]",), addresses[1:3]),
        (("spot[ratio=9:16]",), (addresses[1], addresses[3])),
        (("spot[ratio=9:16,locale=de]",), addresses[1:2]),
        (("dub", "hero", "hero"), (addresses[0], addresses[4])),
    ],
)
def test_an_address_names_members(words: tuple[str, ...], members: tuple[str, ...]) -> None:
    assert members_named(board, words) == members


@pytest.mark.parametrize(
    ("word", "code", "message", "hint"),
    [
        ("spod", "unknown-step", "there is no step `spod`", "did you mean `spot`?"),
        ("a b", "unknown-step", "`a b` is no address", "write it like `hero`, `spot[locale=de]`"),
        ("hero[locale=de]", "unknown-axis", "`hero` has no axis `locale`", "`hero` is made once: write `hero`"),
        ("spot[local=de]", "unknown-axis", "`spot` has no axis `local`", "did you mean `locale`?"),
        ("spot[locale=fr]", "unknown-axis", "`spot` has no member at `locale=fr`", "known: `de`, `no`"),
        (
            "spot[locale=no,ratio=16:9]", "unknown-axis", "`spot` has no member `spot[locale=no,ratio=16:9]`",
            "write `spot` for all 3",
        ),
    ],
)  # fmt: skip
def test_what_nothing_has_is_refused(word: str, code: str, message: str, hint: str) -> None:
    with pytest.raises(UsageFailure) as caught:
        members_named(board, (word,))
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.hint.startswith(hint)
