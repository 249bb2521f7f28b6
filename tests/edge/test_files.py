"""Media on their way out, in each form there is, and on their way in, broken and resumed."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest

from kling_pipe.edge import files as edge_files
from kling_pipe.edge.files import MediaFiles, place
from kling_pipe.edge.store import Store, file_digest
from kling_pipe.edge.transport import HttpFiles
from kling_pipe.edge.uploads import FolderUploader
from kling_pipe.errors import StateFailure, StepFailure
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Material, Output
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.profile import FolderUploads
from kling_pipe.values.transfer import Fetched, FetchTrouble, Form, Handed, Origin
from tests.edge.jobs_on_paper import job_of
from tests.edge.loopback import Script, http, serving
from tests.edge.plain_picture import png

pytestmark = pytest.mark.anyio
now = 1_000_000.0
clip = MediaFacts(MediaType.VIDEO, "mp4", 8, 1360, 768, 5.0, 24.0)
both = Form.URL | Form.BASE64


class PaperStorage:
    """A service's own storage that says how it was asked."""

    async def put(self, path: str, digest: str, material: Material, *, anew: bool) -> Handed:
        return Handed(id=f"{digest[:8]}{' anew' if anew else ''}")

    async def doubt(self, path: str, digest: str) -> None:
        """It keeps nothing."""


class Desk:
    """The files of a run, an input and a stored clip."""

    def __init__(self, folder: Path, form: Form, *, uploads: bool = False, stores: bool = False) -> None:
        self.folder = folder
        self.store = Store(str(folder / "home"))
        served = FolderUploads(str(folder / "served"), "https://media.example/up/")
        self.http = HttpFiles([])
        self.files = MediaFiles(
            self.store,
            self.http,
            lambda _job, _field: form,
            {"kling": FolderUploader(served) if uploads else None},
            str(folder / "home"),
            {"kling": PaperStorage()} if stores else {},
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.input = folder / "dancer.mp4"
        self.input.write_bytes(b"the clip")

    def origin(self, *, select: str = "", **values: object) -> Origin:
        material = Material("image", bytes_digest(b"the clip"), clip, select)
        return replace(Origin(material, path=str(self.input)), **values)  # type: ignore[arg-type]

    async def hand(self, origin: Origin, *, own_bytes: bool = False) -> Handed:
        handed = await self.files.hand_over(job_of(), [origin], now, own_bytes=own_bytes)
        return handed["image"]

    async def refused(self, origin: Origin) -> StepFailure:
        with pytest.raises(StepFailure) as raised:
            await self.hand(origin)
        return raised.value


in_base64 = Handed(base64=base64.b64encode(b"the clip").decode())
own_url = "https://kling.example/clip.mp4"


async def test_the_providers_own_url_is_handed_over_while_it_lives(tmp_path: Path) -> None:
    desk = Desk(tmp_path, both)
    assert await desk.hand(desk.origin(url=own_url, url_expires=now + 86400, path="")) == Handed(url=own_url)


async def test_a_users_url_is_the_last_way_because_it_may_serve_other_bytes_tomorrow(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a", both)
    assert await desk.hand(desk.origin(url=own_url)) == in_base64
    desk = Desk(tmp_path / "b", Form.URL, uploads=True)
    assert (await desk.hand(desk.origin(url=own_url))).url.startswith("https://media.example/up/")
    desk = Desk(tmp_path / "c", Form.URL)
    assert await desk.hand(desk.origin(url=own_url)) == Handed(url=own_url)


async def test_a_url_that_never_expires_lives(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.URL)
    assert await desk.hand(desk.origin(url=own_url)) == Handed(url=own_url)


@pytest.mark.parametrize("expires", [now - 1, now + 60])
async def test_a_url_that_is_dead_or_dies_soon_gives_way_to_bytes(tmp_path: Path, expires: float) -> None:
    desk = Desk(tmp_path, both)
    assert await desk.hand(desk.origin(url=own_url, url_expires=expires)) == in_base64


async def test_a_field_that_takes_no_url_gets_bytes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.BASE64)
    assert await desk.hand(desk.origin(url=own_url)) == in_base64


async def test_bytes_of_our_own_are_preferred_when_asked_for_and_possible(tmp_path: Path) -> None:
    assert await Desk(tmp_path, both).hand(Desk(tmp_path, both).origin(url=own_url), own_bytes=True) == in_base64
    desk = Desk(tmp_path, Form.URL)
    assert await desk.hand(desk.origin(url=own_url), own_bytes=True) == Handed(url=own_url)


stored = Handed(id=bytes_digest(b"the clip")[:8])


async def test_the_services_own_storage_comes_after_bytes_and_before_an_uploader(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "a", Form.URL | Form.UPLOAD, uploads=True, stores=True)
    assert await desk.hand(desk.origin()) == stored
    assert await desk.hand(desk.origin(url=own_url, url_expires=now + 86400, path="")) == Handed(url=own_url)
    desk = Desk(tmp_path / "b", both | Form.UPLOAD, stores=True)
    assert await desk.hand(desk.origin()) == in_base64
    desk = Desk(tmp_path / "c", Form.URL, uploads=True, stores=True)
    assert (await desk.hand(desk.origin())).url.startswith("https://media.example/up/")


async def test_what_may_be_dead_is_stored_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.URL | Form.UPLOAD, stores=True)
    digest = desk.store.add_file(str(desk.input))
    assert digest == bytes_digest(b"the clip")
    origin = desk.origin(url=own_url, url_expires=now + 86400, path="")
    assert await desk.hand(origin, own_bytes=True) == Handed(id=f"{stored.id} anew")


@pytest.mark.parametrize(("form", "puts"), [(both, False), (Form.BASE64, False), (Form.UPLOAD, True), (Form.URL, True)])
async def test_it_is_known_whether_files_are_put_somewhere(tmp_path: Path, form: Form, *, puts: bool) -> None:
    desk = Desk(tmp_path, form, uploads=True, stores=True)
    assert desk.files.puts(job_of(), [desk.origin()], now) is puts


async def test_an_uploader_gives_a_file_a_url_named_by_its_content(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.URL, uploads=True)
    handed = [await desk.hand(desk.origin()), await desk.hand(desk.origin())]
    name = bytes_digest(b"the clip") + ".mp4"
    assert handed == [Handed(url=f"https://media.example/up/{name}")] * 2
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "served").iterdir()] == [(name, b"the clip")]


async def test_a_field_that_only_takes_urls_needs_an_uploader(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.URL)
    failure = await desk.refused(desk.origin())
    assert (failure.code, "uploads" in failure.hint) == ("needs-url", True)


@pytest.mark.parametrize(("form", "uploads"), [(Form.BASE64, False), (Form.URL, True)], ids=["base64", "uploader"])
async def test_an_input_that_changed_after_it_was_hashed_is_not_handed_over(
    tmp_path: Path, form: Form, uploads: bool
) -> None:
    desk = Desk(tmp_path, form, uploads=uploads)
    desk.input.write_bytes(b"A CLIP!!")
    assert (await desk.refused(desk.origin())).code == "input-changed"
    assert not (tmp_path / "served").exists() or list((tmp_path / "served").iterdir()) == []


async def test_an_uploaded_file_that_somebody_cut_is_put_there_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.URL, uploads=True)
    await desk.hand(desk.origin())
    served = next((tmp_path / "served").iterdir())
    served.write_bytes(b"the")
    await desk.hand(desk.origin())
    assert served.read_bytes() == b"the clip"


@pytest.mark.parametrize("form", [Form.BASE64, Form.URL])
async def test_an_input_that_is_gone_or_a_folder_is_named(tmp_path: Path, form: Form) -> None:
    desk = Desk(tmp_path, form, uploads=True)
    desk.input.unlink()
    gone = await desk.refused(desk.origin())
    desk.input.mkdir()
    folder = await desk.refused(desk.origin())
    assert [gone.code, folder.code] == ["object-missing", "file-unreadable"]
    assert str(desk.input) in folder.message


async def test_a_stored_file_is_found_by_its_digest(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.BASE64)
    desk.store.add_file(str(desk.input))
    assert await desk.hand(desk.origin(path="")) == in_base64


async def test_a_frame_is_cut_once_and_travels_as_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[str] = []

    def cutter(source: str, part: str, target: str) -> None:
        cut.append(part)
        Path(target).write_bytes(b"a frame")

    monkeypatch.setattr(edge_files, "cut_out", cutter)  # PyAV is tested where it lives
    desk = Desk(tmp_path, both)
    origin = desk.origin(select="last_frame", url=own_url)
    handed = [await desk.hand(origin), await desk.hand(origin)]
    assert handed == [Handed(base64=base64.b64encode(b"a frame").decode())] * 2
    assert cut == ["last_frame"]


async def test_a_frame_is_not_cut_from_a_clip_that_changed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.BASE64)
    desk.input.write_bytes(b"A CLIP!!")
    assert (await desk.refused(desk.origin(select="last_frame"))).code == "input-changed"


async def test_a_clip_that_has_no_frame_fails_the_step(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Form.BASE64)
    failure = await desk.refused(desk.origin(select="last_frame"))
    assert failure.message.startswith("nothing could be cut out for `image`")


# in


def inline(data: bytes, head: str = "data:image/png;base64") -> Output:
    return Output(f"{head},{base64.b64encode(data).decode()}", MediaType.IMAGE)


async def test_a_file_within_an_answer_is_stored_and_found_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, both)
    data = png(8, 6)
    kept = await desk.files.keep(inline(data))
    assert kept.url == f"store:{bytes_digest(data)}"
    found = await desk.files.fetch(kept, None)
    assert (found.digest, found.facts.width, kept.address) == (bytes_digest(data), 8, "")


@pytest.mark.parametrize("url", ["data:image/png;base64,%%%", "data:,a%20b", "data:image/png;base64,"])
async def test_what_is_no_picture_is_kept_and_said_to_be_damaged(tmp_path: Path, url: str) -> None:
    desk = Desk(tmp_path, both)
    kept = await desk.files.keep(Output(url, MediaType.IMAGE))
    with pytest.raises(FetchTrouble) as raised:
        await desk.files.fetch(kept, None)
    assert (raised.value.damaged, len(kept.digest)) == (True, 64)


async def test_a_stored_file_that_is_gone_or_damaged_is_said_to_be_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, both)
    kept = await desk.files.keep(inline(png(8, 6)))
    path = desk.store.path(kept.digest)
    os.chmod(path, 0o644)
    for data in (b"another", None):
        write(path, data)
        with pytest.raises(FetchTrouble) as raised:
            await desk.files.fetch(kept, None)
        assert raised.value.gone


def write(path: str, data: bytes | None) -> None:
    if data is None:
        os.unlink(path)
    else:
        Path(path).write_bytes(data)


async def fetched(folder: Path, script: Script, expects: MediaFacts | None = None) -> tuple[Fetched, Store]:
    async with serving(script) as server:
        store = Store(str(folder))
        http_files = HttpFiles([server.host])
        files = MediaFiles(store, http_files, lambda _job, _field: both, {}, str(folder))
        try:
            return await files.fetch(Output(f"{server.url}/a.png", MediaType.IMAGE), expects), store
        finally:
            await http_files.close()
            assert os.listdir(folder / "incoming") == []


async def test_a_download_is_kept_with_its_digest_and_facts(tmp_path: Path) -> None:
    found, store = await fetched(tmp_path, lambda _number, _head: http(200, png()))
    assert found.digest == bytes_digest(png())
    assert (found.facts.format, found.facts.width, found.facts.height) == ("png", 8, 6)
    assert store.is_whole(found.digest)


async def test_a_download_that_breaks_off_is_resumed(tmp_path: Path) -> None:
    data = png(padding=3 << 20)

    def halves(number: int, head: str) -> bytes:
        if number == 1:
            return http(200, data[:-1000], length=len(data))
        start = int(head.lower().partition("range: bytes=")[2].partition("-")[0])
        assert start >= 1 << 20
        return http(206, data[start:], content_range=f"bytes {start}-{len(data) - 1}/{len(data)}")

    assert (await fetched(tmp_path, halves))[0].digest == bytes_digest(data)


async def test_a_download_begins_anew_where_the_server_cannot_resume(tmp_path: Path) -> None:
    data = png(padding=3 << 20)

    def stubborn(number: int, _head: str) -> bytes:
        return http(200, data[:-1000], length=len(data)) if number == 1 else http(200, data)

    assert (await fetched(tmp_path, stubborn))[0].digest == bytes_digest(data)


@pytest.mark.parametrize(
    ("answer", "word", "gone", "damaged"),
    [
        (http(404), "404", True, False),
        (http(200, png()[:-20], length=len(png())), "received", False, False),
        (http(200, png()[:-20]), "truncated", False, True),
        (http(200, b"<html>sorry</html>"), "not-media", False, True),
        (http(200, b""), "truncated", False, True),
    ],
    ids=["gone", "cut", "cut-and-lied", "a-page", "empty"],
)
async def test_a_download_that_is_no_picture_leaves_nothing(
    tmp_path: Path, answer: bytes, word: str, gone: bool, damaged: bool
) -> None:
    with pytest.raises(FetchTrouble) as raised:
        await fetched(tmp_path, lambda _number, _head: answer)
    assert word in raised.value.message
    assert (raised.value.gone, raised.value.damaged) == (gone, damaged)
    assert not (tmp_path / "objects").exists()


def test_a_deliverable_of_a_lost_file_is_missing(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "home"))
    with pytest.raises(StateFailure, match="object-missing"):
        place(store, "0" * 64, str(tmp_path / "a.png"))
    source = tmp_path / "b.png"
    source.write_bytes(png())
    assert place(store, store.add_file(str(source)), str(tmp_path / "c.png"))
    assert file_digest(str(tmp_path / "c.png")) == bytes_digest(png())
