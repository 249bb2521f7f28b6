"""Media on their way out (URL, Base64, uploader) and in (streamed, resumed, hashed, looked at closely)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from kling_pipe.edge.cards import read_card, write_card
from kling_pipe.edge.media import Unreadable, cut_endings, cut_out, probe, verify
from kling_pipe.edge.store import Incoming, Store, file_digest
from kling_pipe.edge.transport import HttpFiles
from kling_pipe.edge.uploads import Storage, Uploader, changed
from kling_pipe.errors import StateFailure, StepFailure
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Job, Output, stored
from kling_pipe.values.media import MediaFacts, named_by_id
from kling_pipe.values.transfer import Fetched, FetchTrouble, Form, Handed, Origin

url_margin = 1800.0  # a URL that dies within half an hour is not handed over: the task may wait that long
most_resumes = 5
_none: Mapping[str, Storage] = MappingProxyType({})


class Way(StrEnum):
    """How one material travels; the first that is open is taken."""

    CARD = "card"  # an element or a voice: the id on its card
    ID = "id"  # the service's own id of what it made
    URL = "url"  # an address that lives
    BASE64 = "base64"
    STORAGE = "storage"  # put into the service's own storage
    UPLOADER = "uploader"  # put where the profile says
    NONE = "none"


_puts = (Way.STORAGE, Way.UPLOADER)


class MediaFiles:
    """The files of one run. `forms` tells how a field of a job may travel, `storages` where a profile's service has one
    of its own."""

    def __init__(
        self,
        store: Store,
        http: HttpFiles,
        forms: Callable[[Job, str], Form],
        uploaders: Mapping[str, Uploader | None],
        home: str,
        storages: Mapping[str, Storage] = _none,
    ) -> None:
        self._store = store
        self._http = http
        self._forms = forms
        self._uploaders = uploaders
        self._storages = storages
        self._frames = os.path.join(home, "frames")
        self._doubted: set[str] = set()  # digests of whole downloads that did not look well

    # out

    async def hand_over(
        self, job: Job, origins: Sequence[Origin], now: float, *, own_bytes: bool = False
    ) -> dict[str, Handed]:
        """How each material travels. Raises StepFailure when one cannot, NotUploaded when the service did not take it
        into its storage."""
        return {origin.material.field: await self._hand(job, origin, now, own_bytes=own_bytes) for origin in origins}

    def puts(self, job: Job, origins: Sequence[Origin], now: float) -> bool:
        """Whether handing over puts files somewhere, which takes its time."""
        return any(self._way(job, origin, now, own_bytes=False) in _puts for origin in origins)

    async def doubt(self, job: Job, origins: Sequence[Origin]) -> None:
        """A task failed that was to use what an earlier run put into the service's storage: the next one gets it anew,
        as it may be that what failed it."""
        storage = self._storages.get(job.profile)
        if storage is not None:
            for origin in origins:
                await storage.doubt(*await asyncio.to_thread(self._own_file, origin))

    def _way(self, job: Job, origin: Origin, now: float, *, own_bytes: bool) -> Way:
        if origin.material.facts.type in named_by_id:
            return Way.CARD
        forms = self._forms(job, origin.material.field)
        if forms is Form.ID:
            return Way.ID
        others = [
            way
            for way, is_open in (
                (Way.BASE64, Form.BASE64 in forms),
                (Way.STORAGE, Form.UPLOAD in forms and job.profile in self._storages),
                (Way.UPLOADER, Form.URL in forms and self._uploaders.get(job.profile) is not None),
            )
            if is_open
        ]
        living = origin.url and (not origin.url_expires or origin.url_expires > now + url_margin)
        # A user's own URL may serve other bytes tomorrow than were hashed today: it is the last way, not the first.
        is_avoided = bool(others) and (own_bytes or bool(origin.path))
        if Form.URL in forms and living and not origin.material.select and not is_avoided:
            return Way.URL
        return others[0] if others else Way.NONE

    async def _hand(self, job: Job, origin: Origin, now: float, *, own_bytes: bool) -> Handed:
        material = origin.material
        way = self._way(job, origin, now, own_bytes=own_bytes)
        match way:
            case Way.CARD:
                path = self._store.path(material.digest)
                return Handed(id=await asyncio.to_thread(read_card, path, material.field))
            case Way.ID:
                return _by_id(origin, now)
            case Way.URL:
                return Handed(url=origin.url)
        path, digest = await asyncio.to_thread(self._own_file, origin)
        uploader = self._uploaders.get(job.profile)
        match way:
            case Way.BASE64:
                return Handed(base64=await asyncio.to_thread(_encoded, path, digest, material.field))
            case Way.STORAGE:
                return await self._storages[job.profile].put(path, digest, material, anew=own_bytes)
            case Way.UPLOADER if uploader is not None:
                return Handed(url=await uploader.put(path, digest, material))
        raise StepFailure(
            "needs-url",
            f"`{material.field}` can only be handed over as a URL and has none",
            hint="name an uploader in the profile: `uploads: {to: s3://…}` or `{directory: …, base_url: …}`",
        )

    def _own_file(self, origin: Origin) -> tuple[str, str]:
        """A file with the material's bytes and the digest they must have ("" for a frame cut out just now)."""
        material = origin.material
        path = origin.path or self._store.path(material.digest)
        if not os.path.exists(path):
            raise StepFailure("object-missing", f"the file for `{material.field}` is gone: `{path}`")
        if not os.path.isfile(path) or not os.access(path, os.R_OK):
            raise StepFailure("file-unreadable", f"the file for `{material.field}` cannot be read: `{path}`")
        if not material.select:
            return path, material.digest
        os.makedirs(self._frames, exist_ok=True)
        piece = os.path.join(self._frames, f"{material.digest[:32]}-{material.select}{cut_endings[material.select]}")
        if not os.path.exists(piece):
            if file_digest(path) != material.digest:
                raise changed(path, material.field)
            try:
                cut_out(path, material.select, piece)
            except Unreadable as error:
                raise StepFailure(
                    error.code, f"nothing could be cut out for `{material.field}`: {error.message}"
                ) from error
        return piece, ""

    # in

    async def keep(self, output: Output) -> Output:
        """Stores a file that came within an answer."""
        return replace(output, url=stored + await asyncio.to_thread(self._keep, output.url))

    def _keep(self, url: str) -> str:
        incoming = self._store.begin()
        try:
            incoming.write(_data_of(url))
            return self._store.keep(incoming)
        except BaseException:
            self._store.drop(incoming)
            raise

    async def fetch(self, output: Output, expects: MediaFacts | None) -> Fetched:
        """Downloads one file; raises FetchTrouble when it is not whole, gone or of the wrong type. An element or voice
        is no file: a card with its id is written. What came within an answer is in the store."""
        if output.type in named_by_id:
            return await asyncio.to_thread(write_card, self._store, output)
        if output.digest:
            return await asyncio.to_thread(self._stored, output, expects)
        incoming = self._store.begin()
        try:
            await self._download(output.url, incoming)
            await asyncio.to_thread(incoming.flush)
            facts = await asyncio.to_thread(self._look_at, incoming.path, incoming.digest, output, expects)
            digest = await asyncio.to_thread(self._store.keep, incoming)
        except BaseException:
            self._store.drop(incoming)
            raise
        return Fetched(output, digest, facts)

    def _stored(self, output: Output, expects: MediaFacts | None) -> Fetched:
        if not self._store.is_whole(output.digest):
            raise FetchTrouble("the file came within the answer, and what was stored of it is gone", gone=True)
        facts = self._look_at(self._store.path(output.digest), output.digest, output, expects)
        return Fetched(output, output.digest, facts)

    def _look_at(self, path: str, digest: str, output: Output, expects: MediaFacts | None) -> MediaFacts:
        """What came. The very same doubtful bytes a second time are how the provider made them: they were paid for
        and are kept, if they are readable media of the right type at all."""
        try:
            return _looked_at(path, output, expects)
        except FetchTrouble:
            if digest not in self._doubted:
                self._doubted.add(digest)
                raise
            return _readable(path, output)

    async def _download(self, url: str, incoming: Incoming) -> None:
        for tries in range(most_resumes + 1):
            before = incoming.size
            try:
                async with self._http.open(url, incoming.size) as (start, pieces):
                    if start != incoming.size:
                        incoming.restart()
                    await _written(incoming, pieces)
                return
            except FetchTrouble as trouble:
                if trouble.gone or tries == most_resumes or incoming.size == before:
                    raise


def _by_id(origin: Origin, now: float) -> Handed:
    if origin.id and not origin.material.select and origin.url_expires > now:
        return Handed(id=origin.id)
    raise StepFailure(
        "needs-own-clip",
        f"`{origin.material.field}` takes only what the service made itself within the last 30 days",
        hint="make the clip anew, or use another way to go on from it",
    )


async def _written(incoming: Incoming, pieces: AsyncIterator[bytes]) -> None:
    """Writes and hashes each large piece in a thread while the next one arrives."""
    loop = asyncio.get_running_loop()
    writing: asyncio.Future[None] | None = None
    try:
        async for piece in pieces:
            if writing is not None:
                await writing
                writing = None
            if len(piece) < 1 << 16:
                incoming.write(piece)
            else:
                writing = loop.run_in_executor(None, incoming.write, piece)
    finally:
        if writing is not None:
            await writing


def _looked_at(path: str, output: Output, expects: MediaFacts | None) -> MediaFacts:
    try:
        facts = verify(path)
    except Unreadable as error:
        raise FetchTrouble(f"the download is {error.code}: {error.message}", damaged=True) from error
    if facts.type is not output.type:
        raise FetchTrouble(f"the download holds {facts.type}, {output.type} was expected", damaged=True)
    if expects is not None and expects.seconds and facts.seconds and facts.seconds < 0.5 * expects.seconds:
        raise FetchTrouble(
            f"the download plays {facts.seconds:.1f} s, {expects.seconds:.1f} s were expected", damaged=True
        )
    return facts


def _readable(path: str, output: Output) -> MediaFacts:
    try:
        facts = probe(path)
    except Unreadable as error:
        raise FetchTrouble(f"the download is {error.code}: {error.message}", damaged=True) from error
    if facts.type is not output.type:
        raise FetchTrouble(f"the download holds {facts.type}, {output.type} was expected", damaged=True)
    return facts


def _data_of(url: str) -> bytes:
    """The bytes of a `data:` URL. What cannot be decoded is kept as it came: it was paid for."""
    head, _, text = url.partition(",")
    if not head.endswith(";base64"):
        return unquote_to_bytes(text)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return text.encode()


def _encoded(path: str, digest: str, field: str) -> str:
    with open(path, "rb") as file:
        data = file.read()
    if digest and bytes_digest(data) != digest:
        raise changed(path, field)
    return base64.b64encode(data).decode("ascii")


def place(store: Store, digest: str, target: str) -> bool:
    """Writes a deliverable; False when it was so already."""
    with contextlib.suppress(FileNotFoundError):
        return store.deliver(digest, target)
    raise StateFailure("object-missing", f"the stored file `{digest[:12]}` is gone")
