"""The lock file as text: what is written is read again, each fact on a line of its own, and nothing cut is believed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.edge.lockfile import lock_path, lock_text, write_lock
from kling_pipe.errors import TextFailure
from kling_pipe.story.lock_reading import read_lock
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.lock import Accepted, Lock, LockedDelivery, LockedInput, LockedMember, LockedTake
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from tests.chances import examples

picture = MediaFacts(MediaType.IMAGE, "png", 247217, 1360, 768)
clip = MediaFacts(MediaType.VIDEO, "mp4", 9, 1280, 720, 5.042, 24.0, has_sound=True)


def made(key: str, take: int = 1, facts: MediaFacts = picture, others: tuple[Artifact, ...] = ()) -> LockedTake:
    artifact = Artifact(key * 64, "1" * 64, facts, take, 0, "kp-1", "87", 1764300000.0, others=others)
    return LockedTake(artifact, "kling", "kling-v3", Cost(Decimal("0.028"), (("image", Decimal(8)),)))


small = Lock(
    Realm.REAL,
    {
        "boat": LockedMember(pick=2, takes=2, made={1: made("a"), 2: made("b", 2)}),
        "spot[locale=de,ratio=9:16]": LockedMember(
            accepted=Accepted("2026-11-28", "c" * 64), made={1: made("0", facts=clip)}
        ),
    },
    {"out/boat.jpg": LockedDelivery("d" * 64, 12, "1" * 64), "out/boat.png": LockedDelivery("1" * 64, 13, "1" * 64)},
    {"https://example.com/a b.png": LockedInput("e" * 64, picture)},
)
shown = """\
lock: 1
realm: real
inputs:
  https://example.com/a b.png:
    sha256: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
    type: image/png
    bytes: 247217
    width: 1360
    height: 768
deliverables:
  out/boat.jpg:
    sha256: dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
    bytes: 12
    from: "1111111111111111111111111111111111111111111111111111111111111111"
  out/boat.png:
    sha256: "1111111111111111111111111111111111111111111111111111111111111111"
    bytes: 13
members:
  boat:
    takes: 2
    pick: 2
    made:
      1:
        key: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        sha256: "1111111111111111111111111111111111111111111111111111111111111111"
        type: image/png
        bytes: 247217
        width: 1360
        height: 768
        provider: kling
        model: kling-v3
        task: "87"
        external_id: kp-1
        units: 8 image
        cost: 0.028 USD
        date: 2025-11-28T03:20:00Z
      2:
        key: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        sha256: "1111111111111111111111111111111111111111111111111111111111111111"
        type: image/png
        bytes: 247217
        width: 1360
        height: 768
        provider: kling
        model: kling-v3
        task: "87"
        external_id: kp-1
        units: 8 image
        cost: 0.028 USD
        date: 2025-11-28T03:20:00Z
  "spot[locale=de,ratio=9:16]":
    accepted: 2026-11-28
    accepted_for: cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
    made:
      1:
        key: "0000000000000000000000000000000000000000000000000000000000000000"
        sha256: "1111111111111111111111111111111111111111111111111111111111111111"
        type: video/mp4
        bytes: 9
        width: 1280
        height: 720
        seconds: 5.042
        fps: 24
        sound: true
        provider: kling
        model: kling-v3
        task: "87"
        external_id: kp-1
        units: 8 image
        cost: 0.028 USD
        date: 2025-11-28T03:20:00Z
"""

digests = st.text("0123456789abcdef", min_size=64, max_size=64)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
facts = st.builds(
    MediaFacts, st.sampled_from(list(MediaType)), st.sampled_from(["png", "mp4", "json"]), st.integers(0, 10**9),
    st.integers(0, 5000), st.integers(0, 5000), st.decimals(0, 100, places=3).map(float), st.just(0.0), st.booleans(),
)  # fmt: skip
moments = st.integers(1, 4_000_000_000).map(float)


@st.composite
def takes(draw: st.DrawFn, number: int) -> LockedTake:
    key, external_id, task, created = draw(digests), draw(words), draw(words), draw(moments)
    files = []
    for place in range(draw(st.integers(1, 3))):
        output = draw(st.one_of(st.just(""), words))
        files.append(
            Artifact(
                key, draw(digests), draw(facts), number, place, external_id, task, created,
                url_expires=draw(moments) if output else 0.0, output_id=output,
            )
        )  # fmt: skip
    first, *others = files
    artifact = Artifact(
        key, first.digest, first.facts, number, 0, external_id, task, created, "", first.url_expires, first.output_id,
        tuple(others),
    )  # fmt: skip
    amount = st.decimals(0, 1000, places=4).map(lambda value: value.normalize())
    cost = st.builds(lambda usd, units: Cost(usd, (("image", units),)), amount, amount)
    return LockedTake(artifact, draw(words), draw(words), draw(st.none() | cost))


@st.composite
def members(draw: st.DrawFn) -> LockedMember:
    accepted = st.builds(Accepted, st.dates().map(str).filter(lambda date: len(date) == 10), digests)
    made = {number: draw(takes(number)) for number in draw(st.sets(st.integers(1, 12), max_size=3))}
    return LockedMember(draw(st.integers(0, 9)), draw(st.integers(0, 9)), draw(st.none() | accepted), made)


locks = st.builds(
    Lock,
    st.sampled_from(list(Realm)),
    st.dictionaries(words, members(), max_size=3),
    st.dictionaries(words, st.builds(LockedDelivery, digests, st.integers(0, 99), digests), max_size=2),
    st.dictionaries(words, st.builds(LockedInput, digests, facts), max_size=2),
)


@pytest.mark.slow
@examples(15)
@given(locks)
def test_what_is_written_is_read_again(lock: Lock) -> None:
    text = lock_text(lock)
    assert read_lock("x.lock.yaml", text, lock.realm) == lock
    assert lock_text(read_lock("x.lock.yaml", text, lock.realm)) == text


def test_it_has_one_fact_a_line_sorted_under_a_head_that_says_what_it_is() -> None:
    head, _, body = lock_text(small).partition("lock: 1\n")
    assert "lock: 1\n" + body == shown
    assert all(line.startswith("# ") for line in head.splitlines())
    assert "run --frozen" in head
    backwards = Lock(Realm.REAL, dict(reversed(small.members.items())), small.deliverables, small.inputs)
    assert lock_text(backwards) == lock_text(small)


@pytest.mark.slow
def test_a_text_that_was_cut_is_refused_or_says_less_but_never_something_else() -> None:
    """Cut behind a line, YAML cannot tell; anywhere else what is left is no lock, or a lock without the end."""
    whole = Lock(Realm.REAL, {"boat": small.members["boat"]})
    text = lock_text(whole)
    refused = 0
    for end in range(text.index("members:"), len(text)):
        found = read_or_refused(text[:end])
        refused += found is None
        for address, member in found.members.items() if found else ():
            for take, locked in member.made.items():
                kept = whole.members[address].made[take].artifact
                assert (locked.artifact.key, locked.artifact.digest) == (kept.key, kept.digest)
    assert refused > 500


def read_or_refused(text: str) -> Lock | None:
    try:
        return read_lock("x", text, Realm.REAL)
    except TextFailure as failure:
        found = failure.problems
    assert {(problem.code, "delete it" in problem.hint) for problem in found} == {("lock-damaged", True)}
    return None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("lock: 1", "lock: 2"), "lock-format: this lock file has format 2, this version reads 1"),
        (("lock: 1", "lock: x"), "lock-damaged: the lock file cannot be read: "),
        (("bytes: 12", "bytes: many"), "lock-damaged: the lock file cannot be read: "),
        (("d" * 64, "d" * 63), "lock-damaged: the lock file cannot be read: "),
        (("    made:", "    making:"), "lock-damaged: the lock file cannot be read: "),
        (("realm: real", "realm: simulated"), "lock-damaged: this is the lock file of what is simulated"),
        (("2025-11-28T", "2025-02-30T"), "lock-damaged: the lock file cannot be read: day is out of range for month"),
        (("0.028 USD", "cheap"), "lock-damaged: the lock file cannot be read: "),
        (("  boat:\n", "  boat: &a\n"), ""),
        (("lock: 1", "lock: 1\nlock: 1"), "lock-damaged: the lock file cannot be read: "),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(change: tuple[str, str], said: str) -> None:
    text = lock_text(small).replace(*change)
    if not said:
        assert read_lock("x", text, Realm.REAL) == small
        return
    with pytest.raises(TextFailure) as caught:
        read_lock("x", text, Realm.REAL)
    first = caught.value.problems[0]
    assert first.span is not None
    assert f"{first.code}: {first.message}".startswith(said)


def test_a_merge_that_git_left_undone_is_refused_at_its_line() -> None:
    text = lock_text(small).replace(
        "    pick: 2\n", "<<<<<<< ours\n    pick: 2\n=======\n    pick: 1\n>>>>>>> theirs\n"
    )
    with pytest.raises(TextFailure) as caught:
        read_lock("x", text, Realm.REAL)
    span = caught.value.problems[0].span
    assert span is not None
    assert text.splitlines()[span.line - 1] in ("<<<<<<< ours", "    pick: 2")


def test_the_lock_lies_beside_the_storyboard_under_its_stem() -> None:
    assert lock_path("films/a.story.yaml", Realm.REAL) == "films/a.story.lock.yaml"
    assert lock_path("b.yml", Realm.SIMULATED) == "b.simulated.lock.yaml"


def test_a_text_that_stands_there_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.lock.yaml"
    assert write_lock(str(path), "one\n") is True
    before = path.stat()
    assert write_lock(str(path), "one\n") is False
    assert path.stat() == before
    assert write_lock(str(path), "two\n") is True
    assert (path.read_text(), [found.name for found in tmp_path.iterdir()]) == ("two\n", ["a.lock.yaml"])
