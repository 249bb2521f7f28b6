"""The store: what is kept is whole, read-only and named by its bytes; what is delivered is whole or not there."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.edge.aside import beside, open_aside, sweep
from kling_pipe.edge.store import Store, file_digest, translated_disk_errors
from kling_pipe.errors import StateFailure


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "home"))


def keep(store: Store, data: bytes = b"a picture") -> str:
    incoming = store.begin()
    incoming.write(data)
    return store.keep(incoming)


def below(path: str | Path) -> list[str]:
    """Every file below a folder."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), path) for folder, _, names in os.walk(path) for name in names
    )


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def little_room(room: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_a_digest_is_that_of_the_bytes_however_they_came(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]
) -> None:
    store = Store(str(tmp_path_factory.mktemp("home")))
    incoming = store.begin()
    for piece in pieces:
        incoming.write(piece)
    digest = store.keep(incoming)
    assert (digest, store.read(digest)) == (sha(b"".join(pieces)), b"".join(pieces))


def test_a_kept_file_lies_under_its_digest_and_is_read_only(store: Store) -> None:
    digest = keep(store)
    assert below(store.home) == [f"objects/{digest[:2]}/{digest[2:]}"]
    assert os.stat(store.path(digest)).st_mode & 0o777 == 0o444


def test_the_same_content_twice_is_one_object(store: Store) -> None:
    assert keep(store) == keep(store)
    assert len(below(store.home)) == 1


def test_a_file_that_begins_anew_forgets_what_came_first(store: Store) -> None:
    incoming = store.begin()
    incoming.write(b"half of somet")
    incoming.restart()
    incoming.write(b"all of it")
    assert store.read(store.keep(incoming)) == b"all of it"


def test_a_file_that_is_dropped_leaves_nothing(store: Store) -> None:
    incoming = store.begin()
    incoming.write(b"half")
    store.drop(incoming)
    assert below(store.home) == []


def test_holding_is_about_size_and_wholeness_about_bytes(store: Store) -> None:
    digest = keep(store)
    os.chmod(store.path(digest), 0o644)
    Path(store.path(digest)).write_bytes(b"A PICTURE")
    assert [store.holds(digest, 9), store.holds(digest, 8), store.is_whole(digest)] == [True, False, False]
    assert [store.holds("0" * 64, 9), store.is_whole("0" * 64)] == [False, False]


def test_a_damaged_object_is_found_when_read_and_set_aside(store: Store) -> None:
    digest = keep(store)
    os.chmod(store.path(digest), 0o644)
    Path(store.path(digest)).write_bytes(b"A PICTURE")
    with pytest.raises(StateFailure, match="object-damaged"):
        store.read(digest)
    assert below(store.home) == [f"objects/{digest[:2]}/{digest[2:]}.damaged"]


def test_a_damaged_object_is_never_delivered(store: Store, tmp_path: Path) -> None:
    digest = keep(store)
    os.chmod(store.path(digest), 0o644)
    Path(store.path(digest)).write_bytes(b"A PICTURE")
    with pytest.raises(StateFailure, match="object-damaged"):
        store.deliver(digest, str(tmp_path / "out" / "a.png"))
    assert below(tmp_path / "out") == []


def test_a_lost_object_is_missing(store: Store, tmp_path: Path) -> None:
    for act in (lambda: store.read("0" * 64), lambda: store.deliver("0" * 64, str(tmp_path / "out" / "a.png"))):
        with pytest.raises(StateFailure, match="object-missing"):
            act()


def test_a_deliverable_is_written_once(store: Store, tmp_path: Path) -> None:
    digest, target = keep(store), tmp_path / "out" / "deep" / "a.png"
    assert [store.deliver(digest, str(target)), store.deliver(digest, str(target))] == [True, False]
    assert (target.read_bytes(), below(tmp_path / "out")) == (b"a picture", ["deep/a.png"])


def test_a_deliverable_may_be_edited_without_harm_to_the_object(store: Store, tmp_path: Path) -> None:
    digest, target = keep(store), tmp_path / "a.png"
    store.deliver(digest, str(target))
    with open(target, "r+b") as file:
        file.write(b"EDITED")
    assert store.is_whole(digest)
    assert store.deliver(digest, str(target))
    assert target.read_bytes() == b"a picture"


def test_a_link_at_the_target_is_replaced_and_not_followed(store: Store, tmp_path: Path) -> None:
    other, target = tmp_path / "precious", tmp_path / "a.png"
    other.write_bytes(b"precious")
    target.symlink_to(other)
    store.deliver(keep(store), str(target))
    assert (other.read_bytes(), target.is_symlink(), target.read_bytes()) == (b"precious", False, b"a picture")


@pytest.mark.parametrize("spot", ["folder", "file/a.png"])
def test_a_target_that_cannot_be_written_is_named_and_leaves_nothing_behind(
    store: Store, tmp_path: Path, spot: str
) -> None:
    (tmp_path / "out" / "folder").mkdir(parents=True)
    (tmp_path / "out" / "file").write_bytes(b"")
    with pytest.raises(StateFailure, match="out/" + spot.partition("/")[0]):
        store.deliver(keep(store), str(tmp_path / "out" / spot))
    assert below(tmp_path / "out") == ["file"]


def test_a_full_disk_is_said_and_leaves_no_half_object(store: Store) -> None:
    incoming = store.begin()
    with pytest.raises(StateFailure, match="disk-full"):
        fill(incoming.write)
    store.drop(incoming)
    assert below(store.home) == []


def fill(write: object) -> None:
    assert callable(write)
    with little_room(10_000):
        for _ in range(100):
            write(b"x" * 4096)


def test_a_full_disk_leaves_no_half_deliverable(store: Store, tmp_path: Path) -> None:
    digest, target = keep(store, b"x" * 100_000), tmp_path / "out" / "a.png"
    target.parent.mkdir()
    target.write_bytes(b"the old one")
    with pytest.raises(StateFailure, match="disk-full"), little_room(10_000):
        store.deliver(digest, str(target))
    assert (below(tmp_path / "out"), target.read_bytes()) == (["a.png"], b"the old one")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"), (errno.EDQUOT, "disk-full"), (errno.EFBIG, "disk-full"),
        (errno.EACCES, "not-writable"), (errno.EROFS, "not-writable"), (errno.EIO, "disk-error"),
    ],
)  # fmt: skip
def test_an_error_of_the_system_gets_a_word_and_a_hint(number: int, code: str) -> None:
    with pytest.raises(StateFailure) as raised, translated_disk_errors("/a/path"):
        raise OSError(number, os.strerror(number))
    assert (raised.value.code, bool(raised.value.hint)) == (code, True)


def test_a_local_file_is_copied_in(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "input.png"
    source.write_bytes(b"an input")
    digest = store.add_file(str(source))
    assert (digest, file_digest(str(source)), store.read(digest)) == (sha(b"an input"),) * 2 + (b"an input",)


def test_what_a_dead_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    left = Path(beside(str(tmp_path / "a.mp4")))
    left.write_bytes(b"half")
    with open_aside(beside(str(tmp_path / "b.mp4"))) as living:
        living.write(b"more")
        (tmp_path / "c.mp4").write_bytes(b"whole")

        sweep(str(tmp_path))

        assert sorted(path.name[:6] for path in tmp_path.iterdir()) == [".b.mp4", "c.mp4"]
