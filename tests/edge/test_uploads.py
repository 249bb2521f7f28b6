"""Files handed over by a bucket, over a real socket: put there once, fetched by signature, refused in sentences."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from kling_pipe.edge.bucket import Bucket
from kling_pipe.edge.uploads import BucketUploader, FolderUploader, uploader_of
from kling_pipe.errors import CredentialFailure, Failure, StepFailure, UsageFailure
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.job import Material
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.profile import BucketUploads, CredentialSource, FolderUploads
from kling_pipe.values.span import Span
from tests.edge.loopback import Loopback, Script, http, serving
from tests.object_store import ObjectStore, access, object_store, secret
from tests.patience import patience

pytestmark = pytest.mark.anyio
data = b"the clip"
digest = bytes_digest(data)
name = f"{digest}.mp4"
material = Material("video", digest, MediaFacts(MediaType.VIDEO, "mp4", len(data), 1360, 768, 5.0, 24.0))
traces = (access, secret, "X-Amz", "sig=")  # of which nothing may be in any message


@pytest.fixture(scope="module")
def running() -> Iterator[ObjectStore]:
    with object_store() as store:
        store.make_bucket("clips")
        yield store


@pytest.fixture
def store(running: ObjectStore) -> ObjectStore:
    """The store, as if it had just begun: what a test does is done under a prefix of its own."""
    running.seen.clear()
    running.keys.clear()
    running.keys[access] = secret
    running.ahead = 0.0
    running.comes.clear()
    return running


@pytest.fixture
def clip(tmp_path: Path) -> str:
    path = tmp_path / "dancer.mp4"
    path.write_bytes(data)
    return str(path)


def uploads_to(store: ObjectStore, prefix: str, **values: object) -> BucketUploads:
    return replace(BucketUploads("s3", "clips", prefix, endpoint=store.url), **values)  # type: ignore[arg-type]


def uploader_to(uploads: BucketUploads, environment: Mapping[str, str]) -> BucketUploader:
    return BucketUploader(Bucket(uploads, environment, pauses=(0.0, 0.0)))


def fetched(url: str) -> tuple[int, bytes]:
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=patience) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, b""


async def refused(uploader: BucketUploader, clip: str) -> str:
    """The failure of a hand-over, as people see it."""
    with pytest.raises(StepFailure) as raised:
        await uploader.put(clip, digest, material)
    return checked(raised.value)


def checked(failure: Failure) -> str:
    text = f"{failure.code}: {failure.message}; {failure.hint}"
    assert [trace for trace in traces if trace in text + repr(failure)] == []
    assert failure.__context__ is None or failure.__suppress_context__  # nor may a traceback show what is below
    return text


async def test_a_file_is_put_once_and_its_address_is_signed_anew(store: ObjectStore, clip: str) -> None:
    uploader = uploader_to(uploads_to(store, "once/of"), store.environment)
    first = await uploader.put(clip, digest, material)
    second = await uploader_to(uploads_to(store, "once/of", expires=600.0), store.environment).put(
        clip, digest, material
    )
    path = f"/clips/once/of/{name}"
    assert store.seen == [f"HEAD {path}", f"PUT {path}", f"HEAD {path}"]
    assert store.get(path) == (200, data, "video/mp4")
    assert [url.partition("?")[0] for url in (first, second)] == [store.url + path] * 2
    assert ["X-Amz-Expires=3600" in first, "X-Amz-Expires=600" in second] == [True, True]


async def test_the_signed_address_and_nothing_less_fetches_the_bytes(store: ObjectStore, clip: str) -> None:
    url = await uploader_to(uploads_to(store, "signed", expires=600.0), store.environment).put(clip, digest, material)
    other = url.replace("/signed/", "/other/")
    assert await asyncio.to_thread(fetched, url) == (200, data)
    for less in (url.partition("?")[0], url[:-1] + ("0" if url[-1] != "0" else "1"), other):
        assert (await asyncio.to_thread(fetched, less))[0] == 403
    store.ahead = 599.0 - 5.0
    assert (await asyncio.to_thread(fetched, url))[0] == 200
    store.ahead = 601.0
    assert (await asyncio.to_thread(fetched, url))[0] == 403


async def test_no_log_holds_a_signature(store: ObjectStore, clip: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        await uploader_to(uploads_to(store, "logged"), store.environment).put(clip, digest, material)
    assert f"PUT {store.url}/clips/logged/{name}" in caplog.text
    assert re.findall(r"X-Amz-(?:Signature|Credential)=[^*]", caplog.text) == []


async def test_two_steps_that_need_one_file_put_it_once(store: ObjectStore, clip: str) -> None:
    uploader = uploader_to(uploads_to(store, "two"), store.environment)
    await asyncio.gather(*(uploader.put(clip, digest, material) for _ in range(3)))
    assert [line.partition(" ")[0] for line in store.seen] == ["HEAD", "PUT", "HEAD", "HEAD"]


async def test_a_part_that_was_cut_out_is_named_by_its_own_bytes(store: ObjectStore, tmp_path: Path) -> None:
    uploader = uploader_to(uploads_to(store, "parts"), store.environment)
    for ending, mime in ((".png", "image/png"), (".m4a", "audio/mp4")):
        part = tmp_path / f"piece{ending}"
        part.write_bytes(ending.encode())
        await uploader.put(str(part), "", replace(material, select="audio"))
        path = f"/clips/parts/{bytes_digest(ending.encode())}{ending}"
        assert store.get(path) == (200, ending.encode(), mime)


async def test_an_object_that_is_not_whole_is_put_anew(store: ObjectStore, clip: str) -> None:
    path = f"/clips/cut/{name}"
    store.put(path, data[:-1])
    await uploader_to(uploads_to(store, "cut"), store.environment).put(clip, digest, material)
    assert store.get(path)[1] == data


async def test_bytes_that_are_not_those_that_were_hashed_are_not_sent(store: ObjectStore, clip: str) -> None:
    expected = bytes_digest(b"A CLIP!!")
    with pytest.raises(StepFailure, match="input-changed"):
        await uploader_to(uploads_to(store, "changed"), store.environment).put(clip, expected, material)
    assert [line.partition(" ")[0] for line in store.seen] == ["HEAD"]


async def test_named_keys_are_used_and_never_mixed_with_the_usual_ones(
    store: ObjectStore, clip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody-elses")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.org")
    (tmp_path / "key").write_text(f"{secret}\n")
    keys = {"access_key": CredentialSource(variable="STUDIO"), "secret_key": CredentialSource(file="key")}
    environment = {"STUDIO": access, "AWS_ACCESS_KEY_ID": "usual", "AWS_SESSION_TOKEN": "somebody-elses"}
    uploader = BucketUploader(Bucket(uploads_to(store, "named", **keys), environment, str(tmp_path)))
    url = await uploader.put(clip, digest, material)
    assert ("Token" in url, await asyncio.to_thread(fetched, url)) == (False, (200, data))
    token = CredentialSource(variable="SESSION")
    uploads = uploads_to(store, "named", **keys, session_token=token)
    uploader = BucketUploader(Bucket(uploads, {**environment, "SESSION": "passing/+="}, str(tmp_path)))
    assert "X-Amz-Security-Token=passing%2F%2B%3D&" in await uploader.put(clip, digest, material)


async def test_endpoint_and_region_may_stand_in_the_environment(store: ObjectStore, clip: str) -> None:
    environment = {**store.environment, "AWS_ENDPOINT_URL": store.url, "AWS_REGION": "eu-central-1"}
    url = await uploader_to(uploads_to(store, "usual", endpoint=""), environment).put(clip, digest, material)
    assert (url.startswith(store.url), "%2Feu-central-1%2Fs3%2F" in url) == (True, True)
    url = await uploader_to(uploads_to(store, "usual", region="eu-west-1"), environment).put(clip, digest, material)
    assert "%2Feu-west-1%2Fs3%2F" in url


async def test_a_bucket_that_is_not_there(store: ObjectStore, clip: str) -> None:
    uploader = uploader_to(uploads_to(store, "x", bucket="nowhere"), store.environment)
    assert await refused(uploader, clip) == (
        "upload-failed: `s3://nowhere` is not there (`NoSuchBucket`); make the bucket, or correct `to`"
    )


@pytest.mark.parametrize(
    ("keys", "code"),
    [({access: "another"}, "SignatureDoesNotMatch"), ({"another": secret}, "InvalidAccessKeyId")],
    ids=["secret", "access"],
)
async def test_wrong_credentials(store: ObjectStore, clip: str, keys: dict[str, str], code: str) -> None:
    store.keys = keys
    assert await refused(uploader_to(uploads_to(store, "wrong"), store.environment), clip) == (
        f"upload-failed: `s3://clips` refused the credentials (`{code}`);"
        " check `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
    )


async def test_a_store_that_is_busy_is_asked_again(store: ObjectStore, clip: str) -> None:
    store.failures = [503, 503, 503, 500, 200 + 303]
    await uploader_to(uploads_to(store, "busy"), store.environment).put(clip, digest, material)
    assert [line.partition(" ")[0] for line in store.seen] == ["HEAD"] * 3 + ["PUT"] * 3
    store.failures = [503] * 6
    assert await refused(uploader_to(uploads_to(store, "busier"), store.environment), clip) == (
        "upload-failed: `s3://clips` refused the file with status 503; run again later; nothing was sent for this step"
    )


async def test_an_upload_that_is_interrupted_leaves_nothing(store: ObjectStore, clip: str) -> None:
    store.goes = threading.Event()
    try:
        task = asyncio.create_task(
            uploader_to(uploads_to(store, "stopped"), store.environment).put(clip, digest, material)
        )
        assert await asyncio.to_thread(store.comes.wait, patience)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert store.get(f"/clips/stopped/{name}")[0] == 404
    finally:
        store.goes.set()
        store.goes = None


# what is not S3


async def talk(
    script: Script, uploads: BucketUploads, environment: Mapping[str, str], clip: str
) -> tuple[str, Loopback]:
    """What becomes of a hand-over to a server with canned answers."""
    async with serving(script) as server:
        uploads = replace(uploads, endpoint=uploads.endpoint.format(server.url))
        try:
            said = await uploader_to(uploads, environment).put(clip, digest, material)
        except StepFailure as failure:
            said = checked(failure)
        return said.replace(server.url, "…"), server


keys = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
anywhere = BucketUploads("s3", "clips", endpoint="{}")


async def test_a_connection_that_breaks_off_each_time(clip: str) -> None:
    said, server = await talk(lambda _number, _head: None, anywhere, keys, clip)
    assert said == (
        "upload-failed: `s3://clips`: the connection broke off;"
        " check the network and `endpoint`, then run again; nothing was sent for this step"
    )
    assert len(server.heads) == 3


async def test_a_store_that_cannot_be_reached(clip: str) -> None:
    uploader = uploader_to(replace(anywhere, endpoint="http://127.0.0.1:9"), keys)
    assert (await refused(uploader, clip)).startswith("upload-failed: `s3://clips`: the store cannot be reached;")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (301, b"<Error><Code>PermanentRedirect</Code></Error>", "lies in another region (`PermanentRedirect`)"),
        (403, b"<Error><Code>RequestTimeTooSkewed</Code></Error>", "finds the time of this machine wrong"),
        (403, b"<Error><Code>AccessDenied</Code></Error>", "does not let these credentials put files there"),
        (400, b"<Error><Code>EntityTooLarge</Code></Error>", "takes no file of this size (`EntityTooLarge`)"),
        (400, f"<Code>{secret}</Code>".encode(), "refused the file with status 400;"),
        (418, b"", "refused the file with status 418;"),
    ],
)
async def test_a_refusal_is_told_by_its_code_and_nothing_else(clip: str, status: int, body: bytes, said: str) -> None:
    answers = [http(404), http(status, body)]
    assert said in (await talk(lambda number, _head: answers[number - 1], anywhere, keys, clip))[0]


@pytest.mark.slow
async def test_a_file_goes_to_google_with_a_service_account(clip: str, tmp_path: Path) -> None:
    account = {
        "type": "service_account", "client_email": "studio@example.iam.gserviceaccount.com", "private_key_id": "1",
        "private_key": private_key(), "client_id": "1", "token_uri": "https://oauth2.example.org/token",
    }  # fmt: skip
    (tmp_path / "account.json").write_text(json.dumps(account))
    environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "account.json")}
    answers = [http(404), http(200)]
    uploads = BucketUploads("gs", "clips", "up", endpoint="{}")
    said, server = await talk(lambda number, _head: answers[number - 1], uploads, environment, clip)
    assert said.startswith(f"…/clips/up/{name}?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=studio%40example")
    assert [head.partition("?")[0] for head in server.heads] == [f"{verb} /clips/up/{name}" for verb in ("HEAD", "PUT")]


async def test_a_file_goes_to_azure_with_an_account_key(clip: str) -> None:
    environment = {
        "AZURE_STORAGE_ACCOUNT_NAME": "studio", "AZURE_STORAGE_ACCOUNT_KEY": base64.b64encode(b"k" * 32).decode(),
    }  # fmt: skip
    answers = [http(404), http(201)]
    uploads = BucketUploads("az", "clips", endpoint="{}/studio")
    said, server = await talk(lambda number, _head: answers[number - 1], uploads, environment, clip)
    assert (said.startswith(f"…/studio/clips/{name}?"), "sp=r&" in said, "sig=" in said) == (True, True, True)
    head, put = server.heads
    assert (head.startswith(f"HEAD /studio/clips/{name}?"), "sp=r&" in head) == (True, True)
    assert (put.startswith(f"PUT /studio/clips/{name}?"), "sp=w&" in put, "x-ms-blob-type: BlockBlob" in put) == (
        True, True, True,
    )  # fmt: skip


def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


# before anything is sent


def test_the_uploader_is_the_one_the_profile_names(tmp_path: Path) -> None:
    assert uploader_of(None, {}, "") is None
    assert isinstance(uploader_of(FolderUploads(str(tmp_path), "https://a.example"), {}, ""), FolderUploader)
    assert isinstance(uploader_of(encrypted, keys, ""), BucketUploader)


encrypted = BucketUploads("s3", "clips", span=Span("kling-pipe.yaml", 4, 15, 10))


@pytest.mark.parametrize(
    ("scheme", "environment", "code", "names"),
    [
        ("s3", {}, "no-credentials", "`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"),
        ("s3", {"AWS_ACCESS_KEY_ID": "a"}, "no-credentials", "`AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"),
        ("s3", {**keys, "AWS_SECRET_ACCESS_KEY": "a b"}, "odd-credential", "`AWS_SECRET_ACCESS_KEY`"),
        ("gs", keys, "no-credentials", "`GOOGLE_APPLICATION_CREDENTIALS`"),
        ("gs", {"GOOGLE_APPLICATION_CREDENTIALS": "none"}, "odd-credential", "`GOOGLE_APPLICATION_CREDENTIALS`"),
        ("az", keys, "no-credentials", "`AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`"),
        ("az", {"AZURE_STORAGE_ACCOUNT_NAME": "a"}, "no-credentials", "`AZURE_STORAGE_ACCOUNT_KEY`"),
        (
            "az",
            {"AZURE_STORAGE_ACCOUNT_NAME": "a", "AZURE_STORAGE_ACCOUNT_KEY": "é"},
            "odd-credential",
            "`AZURE_STORAGE_ACCOUNT_KEY`",
        ),
    ],
)
def test_credentials_that_are_missing_or_odd_are_named(
    scheme: str, environment: Mapping[str, str], code: str, names: str
) -> None:
    with pytest.raises(CredentialFailure) as raised:
        uploader_of(replace(encrypted, scheme=scheme), environment, "")
    said = checked(raised.value)
    assert (raised.value.code, names in said) == (code, True), said


@pytest.mark.parametrize("endpoint", ["http://s3.example.org", "s3.example.org", "http://10.0.0.1:9000"])
def test_an_endpoint_of_the_environment_must_be_encrypted_too(endpoint: str) -> None:
    with pytest.raises(UsageFailure, match="insecure-url"):
        uploader_of(encrypted, {**keys, "AWS_ENDPOINT_URL": endpoint}, "")


def test_a_missing_package_is_said_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.exceptions", None)
    with pytest.raises(UsageFailure) as raised:
        uploader_of(encrypted, keys, "")
    assert (raised.value.code, raised.value.hint, raised.value.span) == (
        "extra-missing", "`pip install 'kling-pipe[object-store]'`", encrypted.span,
    )  # fmt: skip
