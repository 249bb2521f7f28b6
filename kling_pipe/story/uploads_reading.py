"""`uploads` of a profile → Uploads: a folder that is served, or a bucket."""

from __future__ import annotations

import re

from kling_pipe.story.nodes import Map
from kling_pipe.story.places import Path
from kling_pipe.story.project import BucketUploads, FolderUploads, Uploads
from kling_pipe.story.project_draft import ProjectDraft, is_number
from kling_pipe.story.spelling import shown
from kling_pipe.values.profile import usual_expires

_bucket_keys = ("access_key", "secret_key", "session_token")
_bucket_address = re.compile(r"(s3|gs|az)://([^/]+)(?:/(.*))?\Z")
_own_credentials = {  # where stores that are not S3's look for their credentials
    "gs": "`GOOGLE_APPLICATION_CREDENTIALS`",
    "az": "`AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`",
}
_units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
least_expires, most_expires = 60.0, 7 * 86400.0  # S3 signs for seven days at most


def read_uploads(draft: ProjectDraft, written: object, path: Path) -> Uploads | None:
    """Reads what the schema let through; what is wrong besides is told."""
    if not isinstance(written, Map):
        return None
    reader = _UploadsReader(draft)
    return reader.bucket(written, path) if "to" in written else reader.served_folder(written, path)


class _UploadsReader:
    def __init__(self, draft: ProjectDraft) -> None:
        self.draft = draft

    def served_folder(self, written: Map, path: Path) -> FolderUploads | None:
        directory, address = written.get("directory"), written.get("base_url")
        if not isinstance(directory, str) or not isinstance(address, str):
            return None
        if not self.draft.is_good_address(address, (*path, "base_url")):
            return None
        return FolderUploads(self.draft.absolute(directory), address.rstrip("/"))

    def bucket(self, written: Map, path: Path) -> BucketUploads | None:
        found = _bucket_address.match(str(written["to"]))
        if not found:
            return None  # told by the schema
        scheme, bucket, prefix = found.groups()
        endpoint, region = written.get("endpoint", ""), written.get("region", "")
        if endpoint and not self.draft.is_good_address(str(endpoint), (*path, "endpoint")):
            return None
        self._check_store(scheme, written, path)
        return BucketUploads(
            scheme=scheme,
            bucket=bucket,
            prefix=(prefix or "").strip("/"),
            expires=self._expires(written, path),
            endpoint=str(endpoint).rstrip("/"),
            region=str(region),
            **{key: self.draft.source(written.get(key)) for key in _bucket_keys},
            span=self.draft.span((*path, "to")),
        )

    def _check_store(self, scheme: str, written: Map, path: Path) -> None:
        """Region and named keys are S3's; a token is one of the keys it came with."""
        for key in ("region", *_bucket_keys) if scheme in _own_credentials else ():
            if key in written:
                hint = f"remove it; the credentials are looked for in {_own_credentials[scheme]}"
                message = f"`{key}` is for `s3://` and not for `{scheme}://`"
                self.draft.quiet_error("exclusive-keys", message, (*path, key), hint)
        self.draft.check_pair(written, path)
        if "session_token" in written and "access_key" not in written:
            hint = "add `access_key: {env: NAME}` and `secret_key: {env: NAME}`"
            self.draft.quiet_error("needs-key", "`session_token` needs its keys", (*path, "session_token"), hint)

    def _expires(self, written: Map, path: Path) -> float:
        seconds = _seconds(written.get("expires", usual_expires))
        if seconds is None:
            return usual_expires  # told by the schema
        if isinstance(written.get("expires"), str) and not least_expires <= seconds <= most_expires:
            message = f"`expires` is {shown(written['expires'])}, it must be from `1m` to `7d`"
            hint = "write `1h`: the service fetches a file soon after it is told of it"
            self.draft.error("out-of-range", message, (*path, "expires"), hint)
        return seconds


def _seconds(value: object) -> float | None:
    """`90`, `90s`, `10m`, `1h`, `7d`."""
    if is_number(value):
        return float(str(value))
    text = str(value)
    number, unit = text[:-1].strip(), text[-1:]
    return float(number) * _units[unit] if unit in _units and re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) else None
