"""Uploaders: they put a file, named by its content, where a service can fetch it, and tell its address."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections import defaultdict
from collections.abc import Mapping
from typing import Protocol

from kling_pipe.edge.aside import beside
from kling_pipe.edge.bucket import Bucket
from kling_pipe.edge.store import file_digest, translated_disk_errors
from kling_pipe.errors import StepFailure
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Material
from kling_pipe.values.profile import BucketUploads, FolderUploads, Uploads
from kling_pipe.values.transfer import Handed

most_at_once = 2  # uploads; each holds its file in memory, so that what is sent is what was hashed


class Uploader(Protocol):
    """Hands files over by address. `digest` is what the bytes must have, empty for a part cut out just now."""

    async def put(self, path: str, digest: str, material: Material) -> str:
        """The address of the file, which is a credential where it is signed; raises StepFailure."""


class Storage(Protocol):
    """A service's own storage for what is handed over to it."""

    async def put(self, path: str, digest: str, material: Material, *, anew: bool) -> Handed:
        """How the file is named there, put there where it is not. `anew`: what an earlier run put there is doubted.
        Raises StepFailure, or NotUploaded with the service's word."""

    async def doubt(self, path: str, digest: str) -> None:
        """Forgets what an earlier run put there: a task that was to use it failed."""


def uploader_of(uploads: Uploads | None, environment: Mapping[str, str], folder: str) -> Uploader | None:
    """The uploader a profile names; raises UsageFailure or CredentialFailure when it cannot work."""
    match uploads:
        case None:
            return None
        case FolderUploads():
            return FolderUploader(uploads)
        case BucketUploads():
            return BucketUploader(Bucket(uploads, environment, folder))


class FolderUploader:
    """Puts copies where somebody's web server finds them."""

    def __init__(self, uploads: FolderUploads) -> None:
        self._uploads = uploads

    async def put(self, path: str, digest: str, material: Material) -> str:
        return await asyncio.to_thread(self._put, path, digest, material)

    def _put(self, path: str, digest: str, material: Material) -> str:
        name, _ = named(path, digest, material)
        put_copy(path, os.path.join(self._uploads.directory, name), digest, material.field)
        return f"{self._uploads.base_url.rstrip('/')}/{name}"


class BucketUploader:
    """Puts each file into a bucket once and signs an address anew for each hand-over."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # two steps may need one file
        self._room = asyncio.Semaphore(most_at_once)

    async def put(self, path: str, digest: str, material: Material) -> str:
        name, size = await asyncio.to_thread(named, path, digest, material)
        async with self._turns[name]:
            if not await self._bucket.holds(name, size):
                async with self._room:
                    data = await asyncio.to_thread(verified, path, digest, material.field)
                    await self._bucket.put(name, data, mime_of(name, material))
        return await self._bucket.address(name)


def put_copy(path: str, target: str, digest: str, field: str) -> str:
    """Makes a copy of a file where none lies yet; its path."""
    with translated_disk_errors(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or os.path.getsize(target) != os.path.getsize(path):
            _copy(path, target, digest, field)
    return target


def changed(path: str, field: str) -> StepFailure:
    """The failure of a step whose input is not what was hashed any more."""
    return StepFailure(
        "input-changed",
        f"the file for `{field}` changed while the run went on: `{path}`",
        hint="run again; nothing was sent for this step",
    )


def named(path: str, digest: str, material: Material) -> tuple[str, int]:
    """Name and size of what is put somewhere. A part cut out just now has the facts of what it was cut from."""
    ending = material.facts.extension if digest else os.path.splitext(path)[1]
    return (digest or file_digest(path)) + ending, os.path.getsize(path)


def mime_of(name: str, material: Material) -> str:
    """What the store is to call the file: some services look at that and not at the bytes."""
    return material.facts.mime if name.endswith(material.facts.extension) else _mimes_of_parts[name[-4:]]


_mimes_of_parts = {".png": "image/png", ".m4a": "audio/mp4"}


def _copy(path: str, target: str, digest: str, field: str) -> None:
    aside = beside(target)
    try:
        shutil.copyfile(path, aside)
        if digest and file_digest(aside) != digest:
            raise changed(path, field)
        os.replace(aside, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)


def verified(path: str, digest: str, field: str) -> bytes:
    """The bytes of a file, if they are what was hashed."""
    with open(path, "rb") as file:
        data = file.read()
    if digest and bytes_digest(data) != digest:
        raise changed(path, field)
    return data
