"""Content-addressed files: `objects/ab/cdef…` by sha256, written aside, fsynced, renamed, read-only."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator

from kling_pipe.edge.aside import beside, open_aside, sweep
from kling_pipe.errors import StateFailure

chunk = 1 << 20


class Incoming:
    """A file on its way into the store: written aside and hashed while it grows, so it is never read twice."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = open_aside(path)  # closed by keep() or drop()
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Appends; raises StateFailure when the disk is full."""
        with translated_disk_errors(self.path):
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def restart(self) -> None:
        """Forgets what was written, when a server does not resume."""
        self._file.seek(0)
        self._file.truncate()
        self._hash = hashlib.sha256()
        self.size = 0

    def flush(self) -> None:
        """Makes what was written durable and readable by others."""
        with translated_disk_errors(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


class Store:
    """The objects of one project."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._objects = os.path.join(home, "objects")
        self._incoming = os.path.join(home, "incoming")

    def path(self, digest: str) -> str:
        """Where an object lies, or would lie."""
        return os.path.join(self._objects, digest[:2], digest[2:])

    def holds(self, digest: str, size: int) -> bool:
        """Whether the object is there with the recorded number of bytes; contents are not read."""
        try:
            return os.stat(self.path(digest)).st_size == size
        except OSError:
            return False

    def sweep(self) -> None:
        """Deletes what runs that died left half written."""
        sweep(self._incoming)

    def begin(self) -> Incoming:
        """Opens a file on its way in."""
        with translated_disk_errors(self._incoming):
            os.makedirs(self._incoming, exist_ok=True)
            return Incoming(beside(os.path.join(self._incoming, "file")))

    def keep(self, incoming: Incoming) -> str:
        """Moves a finished file to its place and returns its digest; an object already there stays."""
        incoming.flush()
        incoming.close()
        digest = incoming.digest
        target = self.path(digest)
        with translated_disk_errors(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.chmod(incoming.path, 0o444)
            os.replace(incoming.path, target)
            _sync_folder(os.path.dirname(target))
        return digest

    def drop(self, incoming: Incoming) -> None:
        """Throws an unfinished file away."""
        incoming.close()
        with contextlib.suppress(OSError):
            os.unlink(incoming.path)

    def add_file(self, path: str) -> str:
        """Copies a file into the store and returns its digest."""
        incoming = self.begin()
        try:
            with open(path, "rb") as source:
                while data := source.read(chunk):
                    incoming.write(data)
            return self.keep(incoming)
        except BaseException:
            self.drop(incoming)
            raise

    def read(self, digest: str) -> bytes:
        """An object's bytes, checked against its digest; raises StateFailure when it is gone or damaged."""
        try:
            with open(self.path(digest), "rb") as file:
                data = file.read()
        except OSError as error:
            raise _gone(digest) from error
        if hashlib.sha256(data).hexdigest() != digest:
            self.set_aside(digest)
            raise _damaged(digest)
        return data

    def is_whole(self, digest: str) -> bool:
        """Whether the object is there and its bytes hash to its name; reads all of it."""
        try:
            return file_digest(self.path(digest)) == digest
        except OSError:
            return False

    def digests(self) -> Iterator[str]:
        """The name of every object, sorted."""
        for head in sorted(_listed(self._objects)):
            for rest in sorted(_listed(os.path.join(self._objects, head))):
                if _object_name.fullmatch(head + rest):
                    yield head + rest

    def set_aside(self, digest: str) -> None:
        """Takes a damaged object out of the way without deleting it."""
        path = self.path(digest)
        with contextlib.suppress(OSError):
            os.replace(path, f"{path}.damaged")

    def deliver(self, digest: str, target: str) -> bool:
        """Writes an object out under another name, atomically; False when it was so already.

        Reflinked where the file system can, else copied: a hard link would let an editor that writes in place
        damage paid media.
        """
        source = self.path(digest)
        if _same_file_contents(source, target, digest):
            return False
        aside = beside(target)
        with translated_disk_errors(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                with open(source, "rb") as reader, open_aside(aside) as writer:
                    if not _reflink(writer.fileno(), reader.fileno()):
                        shutil.copyfileobj(reader, writer, chunk)
                    writer.flush()
                    os.fsync(writer.fileno())
                if file_digest(aside) != digest:
                    self.set_aside(digest)
                    raise _damaged(digest)
                os.replace(aside, target)
            except FileNotFoundError as error:
                raise _gone(digest) from error
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(aside)
        return True


_object_name = re.compile("[0-9a-f]{64}")


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def file_digest(path: str) -> str:
    """The sha256 (hex) of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def translated_disk_errors(path: str) -> Iterator[None]:
    """The door for the operating system's errors about disks."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StateFailure(
                "disk-full",
                f"no room left while writing `{path}`",
                hint="free some space and run again; recorded tasks are picked up and nothing is bought twice",
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise StateFailure(
                "not-writable", f"cannot write `{path}`: {error.strerror}", hint="check the folder's permissions"
            ) from error
        if error.errno in (errno.EEXIST, errno.ENOTDIR):
            raise StateFailure(
                "in-the-way",
                f"a file lies where a folder is needed: `{error.filename or path}`",
                hint="move it away; `KLING_PIPE_HOME` names another state folder",
            ) from error
        raise StateFailure(
            "disk-error",
            f"cannot write `{path}`: {error.strerror}",
            hint="look at the disk and at what stands at that path",
        ) from error


def _gone(digest: str) -> StateFailure:
    return StateFailure(
        "object-missing",
        f"the stored file `{digest[:12]}` is gone",
        hint="run again: it is fetched from the provider once more while it lives there, without paying",
    )


def _damaged(digest: str) -> StateFailure:
    return StateFailure(
        "object-damaged",
        f"the stored file `{digest[:12]}` is damaged and was set aside",
        hint="run again: it is fetched from the provider once more while it lives there, without paying",
    )


def _same_file_contents(source: str, target: str, digest: str) -> bool:
    try:
        return os.stat(source).st_size == os.stat(target).st_size and file_digest(target) == digest
    except OSError:
        return False


def _reflink(target: int, source: int) -> bool:
    try:
        import fcntl

        fcntl.ioctl(target, 0x40049409, source)  # FICLONE
    except (ImportError, OSError):
        return False
    return True


def _sync_folder(path: str) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
