"""One bucket of an object store: whether an object is there, how it gets there, and signed addresses of it.

1. obstore signs and does nothing else: requests go by `edge/transport.py`. Its asynchronous calls end on threads of
   their own, and a process that leaves soon after one dies with SIGABRT now and then (0.12.1, Python 3.11).
2. Signed addresses and what a store says may hold credentials: neither is in any message; known codes are.
3. Keys are handed to obstore by a callback, so that none of the environment's own are mixed in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urlsplit

from kling_pipe.edge.credentials import read_source
from kling_pipe.edge.transport import is_here, send_object
from kling_pipe.errors import CredentialFailure, StepFailure, UsageFailure
from kling_pipe.values.profile import BucketUploads, CredentialSource
from kling_pipe.values.transfer import AnswerMissing
from kling_pipe.values.wire import Response

if TYPE_CHECKING:
    from obstore.store import AzureConfig, AzureStore, GCSConfig, GCSStore, S3Config, S3Credential, S3Store

    Store = S3Store | GCSStore | AzureStore

own_seconds = 900.0  # what is signed for requests of our own lives so long
usual_pauses = (0.5, 2.0)  # before a request is sent again that nobody answered well
Verb = Literal["HEAD", "PUT", "GET"]


class Bucket:
    """A bucket with its credentials. Raises UsageFailure without obstore, CredentialFailure without credentials."""

    def __init__(
        self,
        uploads: BucketUploads,
        environment: Mapping[str, str],
        folder: str = "",
        pauses: Sequence[float] = usual_pauses,
    ) -> None:
        self._uploads = uploads
        self._store = _store(uploads, environment, folder)
        self._pauses = pauses

    async def holds(self, name: str, size: int) -> bool:
        """Whether an object of this size is there. A store that does not say so counts as one that has it not."""
        answer = await self._send("HEAD", name)
        return answer.status == 200 and answer.headers.get("content-length") == str(size)

    async def put(self, name: str, data: bytes, mime: str) -> None:
        """Puts an object, whole or not at all; raises StepFailure."""
        headers = {"content-type": mime, **_put_headers.get(self._uploads.scheme, {})}
        answer = await self._send("PUT", name, data, headers)
        if answer.status not in (200, 201):
            raise self._refused(answer)

    async def address(self, name: str) -> str:
        """An address anew, from which anybody can fetch the object for as long as `expires` says."""
        return await self._signed("GET", name, self._uploads.expires)

    async def _send(
        self, verb: Verb, name: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """The first good answer, or the last of all; raises StepFailure when there is none."""
        for pause in (*self._pauses, None):
            url = await self._signed(verb, name, own_seconds)
            try:
                answer = await send_object(verb, url, data, headers or {})
            except AnswerMissing as missing:
                if pause is None:
                    hint = "check the network and `endpoint`, then run again; nothing was sent for this step"
                    words = _no_answer.get(missing.code, missing.code)
                    raise StepFailure("upload-failed", f"`{self._uploads}`: {words}", hint=hint) from None
            else:
                if pause is None or answer.status not in _passing:
                    return answer
            await asyncio.sleep(pause)
        raise AssertionError("the last try returns or raises")

    async def _signed(self, verb: Verb, name: str, seconds: float) -> str:
        from obstore.exceptions import BaseError

        signed = _signed_as.get((self._uploads.scheme, verb), verb)
        try:
            # In a thread: a store whose key is elsewhere, such as Google's, has to be asked.
            return await asyncio.to_thread(_sign, self._store, signed, self._path(name), seconds)
        except (BaseError, ValueError, OSError):
            message = f"`{self._uploads}`: no address could be signed with its credentials"
            raise StepFailure("upload-failed", message, hint=f"check {_names(self._uploads)}") from None

    def _path(self, name: str) -> str:
        return f"{self._uploads.prefix}/{name}" if self._uploads.prefix else name

    def _refused(self, answer: Response) -> StepFailure:
        found = _code.search(answer.body.decode("utf-8", "replace"))
        code = found[1] if found else ""
        words, hint = next((told for codes, told in _refusals.items() if code in codes), _other)
        if code and (words, hint) != _other:
            words += f" (`{code}`)"
        words = words.format(status=answer.status)
        hint = hint.format(names=_names(self._uploads))
        return StepFailure("upload-failed", f"`{self._uploads}` {words}", hint=hint)


def _sign(store: Store, verb: Verb, path: str, seconds: float) -> str:
    import obstore

    return obstore.sign(store, verb, path, timedelta(seconds=seconds))


_signed_as: Mapping[tuple[str, Verb], Verb] = {("az", "HEAD"): "GET"}  # obstore gives HEAD no right there
_put_headers: Mapping[str, Mapping[str, str]] = {"az": {"x-ms-blob-type": "BlockBlob"}}
_passing = frozenset({429, 500, 502, 503, 504})
_no_answer = {
    "unreachable": "the store cannot be reached",
    "timeout": "the store did not answer in time",
    "reset": "the connection broke off",
}
_code = re.compile(r"<Code>([A-Z][A-Za-z]{2,60})</Code>")
_other = ("refused the file with status {status}", "run again later; nothing was sent for this step")
_refusals: Mapping[frozenset[str], tuple[str, str]] = {  # S3's codes, and Azure's where it has its own
    frozenset({"NoSuchBucket", "ContainerNotFound"}): ("is not there", "make the bucket, or correct `to`"),
    frozenset(
        {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired"}
        | {"AuthenticationFailed", "InvalidSecurity"}
    ): ("refused the credentials", "check {names}"),
    frozenset({"AccessDenied", "AccountProblem", "AuthorizationFailure", "AuthorizationPermissionMismatch"}): (
        "does not let these credentials put files there",
        "they need the right to put and to get objects; or check {names}",
    ),
    frozenset({"RequestTimeTooSkewed"}): ("finds the time of this machine wrong", "set this machine's clock"),
    frozenset(
        {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError"}
    ): ("lies in another region", "correct `region`"),
    frozenset({"EntityTooLarge", "RequestBodyTooLarge"}): ("takes no file of this size", "make the file smaller"),
}


# credentials


def _store(uploads: BucketUploads, environment: Mapping[str, str], folder: str) -> Store:
    try:
        from obstore.exceptions import BaseError
    except ImportError:
        hint = "`pip install 'kling-pipe[object-store]'`"
        message = f"`{uploads}` needs a package that is not installed: obstore"
        raise UsageFailure("extra-missing", message, span=uploads.span, hint=hint) from None
    try:
        return _openers[uploads.scheme](uploads, environment, folder)
    except (BaseError, ValueError):  # their texts repeat what they were given
        message = f"the credentials of `{uploads}` cannot be used"
        raise CredentialFailure("odd-credential", message, span=uploads.span, hint=f"check {_names(uploads)}") from None


def _s3(uploads: BucketUploads, environment: Mapping[str, str], folder: str) -> Store:
    from obstore.store import S3Store

    access, secret, token = (read_source(source, environment, folder) for source in _sources(uploads))
    if access is None or secret is None:
        raise _no_credentials(uploads)
    endpoint = _endpoint(uploads, environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    region = uploads.region or environment.get("AWS_REGION", "") or environment.get("AWS_DEFAULT_REGION", "")

    def provide() -> S3Credential:
        return {
            "access_key_id": access.reveal(),
            "secret_access_key": secret.reveal(),
            "token": token.reveal() if token else None,
            "expires_at": None,
        }

    config: S3Config = {"region": region or "us-east-1"}
    if endpoint:  # under both names: the narrower one would else be taken from the process's environment
        config |= {"endpoint": endpoint, "aws_endpoint_url_s3": endpoint}
    return S3Store(uploads.bucket, config=config, credential_provider=provide)


def _gs(uploads: BucketUploads, environment: Mapping[str, str], _folder: str) -> Store:
    from obstore.store import GCSStore

    found = _found(environment, _google)
    if not found:
        raise _no_credentials(uploads)
    endpoint = _endpoint(uploads, environment, "GOOGLE_BASE_URL")
    config = {**found, **({"google_base_url": endpoint} if endpoint else {})}
    return GCSStore(uploads.bucket, config=cast("GCSConfig", config))


def _az(uploads: BucketUploads, environment: Mapping[str, str], _folder: str) -> Store:
    from obstore.store import AzureStore

    found = _found(environment, _azure)
    if "azure_storage_account_name" not in found or len(found) == 1:
        raise _no_credentials(uploads)
    endpoint = _endpoint(uploads, environment, "AZURE_STORAGE_ENDPOINT")
    config = {**found, **({"azure_storage_endpoint": endpoint} if endpoint else {})}
    return AzureStore(uploads.bucket, config=cast("AzureConfig", config))


_openers = {"s3": _s3, "gs": _gs, "az": _az}
_aws = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_google = (
    "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
)  # fmt: skip
_azure = (
    "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_CLIENT_ID",
    "AZURE_STORAGE_CLIENT_SECRET", "AZURE_STORAGE_TENANT_ID",
)  # fmt: skip


def _sources(uploads: BucketUploads) -> tuple[CredentialSource | None, ...]:
    """The named keys; or the usual ones, never some of each."""
    if uploads.access_key is not None:
        return (uploads.access_key, uploads.secret_key, uploads.session_token)
    return tuple(CredentialSource(variable=name) for name in _aws)


def _found(environment: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name.lower(): environment[name] for name in names if environment.get(name)}


def _endpoint(uploads: BucketUploads, environment: Mapping[str, str], *names: str) -> str:
    """The profile's endpoint, or the environment's; raises UsageFailure when it would be used unencrypted."""
    endpoint = uploads.endpoint or next((environment[name] for name in names if environment.get(name)), "")
    parts = urlsplit(endpoint)
    if endpoint and not (parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))):
        message = f"the endpoint of `{uploads}` is not encrypted, or no address"
        raise UsageFailure("insecure-url", message, span=uploads.span, hint="write `https://`")
    return endpoint.rstrip("/")


def _no_credentials(uploads: BucketUploads) -> CredentialFailure:
    message = f"`{uploads}` has no credentials"
    return CredentialFailure("no-credentials", message, span=uploads.span, hint=f"set {_names(uploads)}")


def _names(uploads: BucketUploads) -> str:
    """The names under which the credentials are looked for."""
    if uploads.scheme == "s3":
        pair = _sources(uploads)[:2]
        return " and ".join(f"`{source.variable or source.file}`" for source in pair if source)
    return {"gs": "`GOOGLE_APPLICATION_CREDENTIALS`"}.get(
        uploads.scheme, "`AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`"
    )
