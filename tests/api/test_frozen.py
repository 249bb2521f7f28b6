"""`run --frozen` and `verify`: lock and store alone give the very same bytes, and what is lacking is named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.api.choosing import accept, pick
from kling_pipe.api.freezing import frozen
from kling_pipe.api.locking import LockFile
from kling_pipe.api.options import Options
from kling_pipe.api.verifying import verify
from kling_pipe.edge.lockfile import lock_text
from kling_pipe.errors import Refused, UsageFailure
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.lock import Lock, LockedDelivery, LockedInput, LockedMember, LockedTake
from kling_pipe.values.media import MediaFacts, MediaType
from tests.api.small_world import Studio, story, studio_in
from tests.edge.plain_picture import png

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
simulated = Options(simulate=True)
forms = story.replace("    prompt: A small boat", "    takes: 2\n    prompt: A small boat") + (
    "  out/boat.jpg: steps.boat\n  out/second.webp: steps.boat.takes[2]\n  out/mine.png: ./mine.png\n"
)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with studio_in(tmp_path / "here") as found:
        yield found


def cloned(studio: Studio, folder: Path, *state: str) -> Path:
    """A clean clone: the texts, the lock, and nothing of the state but these folders; its storyboard's path."""
    folder.mkdir()
    for path in studio.folder.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    for name in state:
        shutil.copytree(studio.home / name, folder / ".kling-pipe" / name)
    return folder / studio.path.name


def out(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def lacking(path: Path, options: Options = simulated) -> list[str]:
    with pytest.raises(Refused) as caught:
        frozen(str(path), options)
    assert not (path.parent / "out").exists()
    return [f"{problem.code}: {problem.message}" for problem in caught.value.problems]


def damage(path: Path, place: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def lock_of(studio: Studio) -> Lock:
    return LockFile.of(str(studio.path), str(studio.home), Realm.SIMULATED).read()


def object_of(home: Path, digest: str) -> Path:
    return home / "objects" / digest[:2] / digest[2:]


async def furnished(studio: Studio) -> None:
    (studio.folder / "mine.png").write_bytes(png(400, 300))
    studio.write(forms)
    assert (await studio.run()).exit_code == 0


async def test_lock_and_store_alone_give_the_very_same_bytes_for_nothing(studio: Studio, tmp_path: Path) -> None:
    await furnished(studio)
    path = cloned(studio, tmp_path / "clone", "objects")
    before = studio.bills, lock_of(studio)
    done = frozen(str(path), simulated)
    assert out(path.parent) == studio.out()
    assert ([found.changed for found in done.deliveries], done.members, studio.bills) == ([True] * 5, 2, before[0])
    assert sorted(found.name for found in (path.parent / ".kling-pipe").iterdir()) == ["objects"]
    assert [found.changed for found in frozen(str(path), simulated).deliveries] == [False] * 5
    assert LockFile.of(str(path), "", Realm.SIMULATED).read() == before[1]


async def test_what_was_converted_is_converted_again_to_the_same_bytes(studio: Studio, tmp_path: Path) -> None:
    await furnished(studio)
    path = cloned(studio, tmp_path / "clone", "objects")
    for name in ("out/boat.jpg", "out/second.webp"):
        object_of(path.parent / ".kling-pipe", lock_of(studio).deliverables[name].digest).unlink()
    frozen(str(path), simulated)
    assert out(path.parent) == studio.out()


async def test_one_damaged_object_is_named_with_its_price_and_nothing_is_written(
    studio: Studio, tmp_path: Path
) -> None:
    await furnished(studio)
    path = cloned(studio, tmp_path / "clone", "objects")
    made = lock_of(studio).members["boat"].made
    for take in (1, 2):
        digest = made[take].artifact.digest
        damage(object_of(path.parent / ".kling-pipe", digest))
        assert lacking(path)[take - 1] == (
            f"object-damaged: the stored file `{digest[:12]}` of take {take} of `boat` is damaged,"
            " and making it anew costs 0.028 USD (8 image units)"
        )
    assert lacking(path)[2] == (
        "frozen: 2 lacking in all; making all of it anew would cost 0.056 USD (16 image units);"
        " nothing was sent and nothing was written"
    )
    object_of(path.parent / ".kling-pipe", made[1].artifact.digest).unlink()
    assert lacking(path)[0].startswith("object-missing: the stored file")


async def test_without_a_store_everything_is_listed(studio: Studio, tmp_path: Path) -> None:
    await studio.run()
    path = cloned(studio, tmp_path / "clone")
    assert [line.partition(":")[0] for line in lacking(path)] == ["object-missing", "object-missing", "frozen"]
    assert "would cost 0.056 USD" in lacking(path)[-1]
    (path.parent / "story.simulated.lock.yaml").unlink()
    assert [line.partition(":")[0] for line in lacking(path)] == ["not-in-lock", "not-in-lock", "frozen"]


async def test_what_is_not_as_the_lock_says_is_refused(studio: Studio, tmp_path: Path) -> None:
    await studio.run()
    path = cloned(studio, tmp_path / "clone", "objects")
    path.write_text(story.replace("at night", "at dawn"))
    (first, _) = lacking(path)
    assert first.startswith("not-as-locked: `night` is stale: its recipe changed since it was made on 20")
    assert frozen(str(path), Options(simulate=True, only=("boat",))).members == 1
    shutil.rmtree(path.parent / "out")
    path.write_text(story + "  out/more.png: steps.boat\n")
    assert lacking(path)[0] == "not-in-lock: `out/more.png` is not in the lock as it would be written"
    path.write_text(story.replace("model: kling-v3", "model: kling-v3\n    takes: 2", 1))
    assert lacking(path)[0].startswith("not-in-lock: `boat` is not in the lock: 1 of 2 takes are not made yet")


async def test_picks_and_accepted_ones_are_frozen_too(studio: Studio, tmp_path: Path) -> None:
    studio.write(forms.replace("  out/mine.png: ./mine.png\n", ""))
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    studio.write(studio.path.read_text().replace("calm sea", "wild sea"))
    await studio.run(only=("night",))
    studio.write(studio.path.read_text().replace("wild sea", "grey sea"))
    accept(str(studio.path), "boat", simulated)
    await studio.run()
    path = cloned(studio, tmp_path / "clone", "objects")
    frozen(str(path), simulated)
    assert out(path.parent) == studio.out()


async def test_an_input_at_an_address_is_what_the_lock_says_it_held(studio: Studio, tmp_path: Path) -> None:
    """Nobody is there to be asked: the address leads nowhere."""
    address = "https://media.invalid/mine.png"
    (studio.folder / "mine.png").write_bytes(png(400, 300))
    text = story.replace("image: steps.boat", "image: ./mine.png").replace("steps.boat\n  out/n", "./mine.png\n  out/n")
    studio.write(text)
    await studio.run()
    made, lock = studio.out(), lock_of(studio)
    path = cloned(studio, tmp_path / "clone", "objects")
    path.write_text(text.replace("./mine.png", address))
    assert lacking(path)[0] == f"not-in-lock: the lock does not say what `{address}` held"
    held = LockedInput(bytes_digest(png(400, 300)), MediaFacts(MediaType.IMAGE, "png", len(png(400, 300)), 400, 300))
    pinned = lock_text(replace(lock, inputs={address: held}))
    (path.parent / "story.simulated.lock.yaml").write_text(pinned)
    frozen(str(path), simulated)
    assert out(path.parent) == made
    object_of(path.parent / ".kling-pipe", held.digest).unlink()
    shutil.rmtree(path.parent / "out")
    assert lacking(path)[0] == f"object-missing: the stored file of `{address}` is missing: `{held.digest[:12]}`"
    assert next((file.kind, file.state) for file in verify(str(path), simulated).wrong) == ("input", "missing")


# verify


async def test_verify_finds_what_is_missing_damaged_and_changed_and_changes_nothing(studio: Studio) -> None:
    await furnished(studio)
    assert verify(str(studio.path), simulated).wrong == ()
    made = lock_of(studio).members
    first, second = (made["boat"].made[take].artifact.digest for take in (1, 2))
    damage(object_of(studio.home, first))
    object_of(studio.home, second).unlink()
    damage(studio.folder / "out" / "boat.jpg")
    (studio.folder / "out" / "night.png").unlink()
    before = files_of(studio.folder)
    found = verify(str(studio.path), simulated)
    assert [(file.kind, file.name, file.take, file.state) for file in found.wrong] == [
        ("take", "boat", 1, "damaged"), ("take", "boat", 2, "missing"),
        ("deliverable", "out/boat.jpg", 0, "changed"), ("deliverable", "out/night.png", 0, "missing"),
    ]  # fmt: skip
    assert files_of(studio.folder) == before


async def test_verify_knows_what_was_converted_and_does_not_miss_it(studio: Studio) -> None:
    await furnished(studio)
    kinds = [file.kind for file in verify(str(studio.path), simulated).files]
    assert {kind: kinds.count(kind) for kind in kinds} == {"take": 3, "deliverable": 5, "piece": 3}
    piece = object_of(studio.home, lock_of(studio).deliverables["out/boat.jpg"].digest)
    damage(piece)
    assert [(file.kind, file.name, file.state) for file in verify(str(studio.path), simulated).wrong] == [
        ("piece", "out/boat.jpg", "damaged")
    ]
    piece.unlink()
    assert verify(str(studio.path), simulated).wrong == ()


def files_of(folder: Path) -> Mapping[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_verify_finds_every_single_flipped_byte(tmp_path: Path) -> None:
    data, other = b"a small stored file of forty-one bytes...", b"another one"
    digest = bytes_digest(data)
    facts = MediaFacts(MediaType.ELEMENT, "json", len(data))
    made = LockedTake(Artifact("a" * 64, digest, facts))
    lock = Lock(Realm.REAL, {"face": LockedMember(made={1: made})}, {"face.json": LockedDelivery(digest, 41, digest)})
    (tmp_path / "story.yaml").write_text("not even a storyboard")
    (tmp_path / "story.lock.yaml").write_text(lock_text(lock))
    home = tmp_path / ".kling-pipe"
    places = [object_of(home, digest), tmp_path / "face.json", object_of(home, bytes_digest(other))]
    for path, text in zip(places, (data, data, other), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    look = ("take", "face"), ("deliverable", "face.json"), ("other", bytes_digest(other)[:12])
    assert verify(str(tmp_path / "story.yaml"), Options()).wrong == ()
    for path, (kind, name) in zip(places, look, strict=True):
        for place in range(path.stat().st_size):
            damage(path, place)
            found = verify(str(tmp_path / "story.yaml"), Options()).wrong
            assert [(file.kind, file.name) for file in found] == [(kind, name)]
            damage(path, place)


def test_verify_without_a_lock_says_so(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(story)
    with pytest.raises(UsageFailure) as caught:
        verify(str(tmp_path / "story.yaml"), Options())
    assert (caught.value.code, "--simulate" in caught.value.hint) == ("no-lock", True)


async def test_a_frozen_run_knows_the_pick_of_a_step_that_was_renamed_since(studio: Studio, tmp_path: Path) -> None:
    twice = story.replace("    prompt: A small boat", "    takes: 2\n    prompt: A small boat")
    studio.write(twice)
    await studio.run()
    pick(str(studio.path), "boat", 2, simulated)
    await studio.run()
    studio.write(twice.replace("boat:", "ship:").replace("steps.boat", "steps.ship"))
    there = cloned(studio, tmp_path / "there", "objects")
    assert frozen(str(there), simulated).members == 2
    assert out(there.parent) == out(studio.folder)
