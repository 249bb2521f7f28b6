"""An S3 server on a real socket: moto keeps the objects, and a door before it checks signatures as S3 does.

moto itself lets any signature in. The door reckons each one anew with botocore, which shares nothing with obstore.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import Client

from tests.patience import join, patience

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
access, secret = "OBJECTSTOREACCESS0", "object-store-secret/with+odd=letters"


@dataclass
class ObjectStore:
    """`seen` are the requests that came, without their queries; `ahead` is how far its clock runs before ours."""

    url: str = ""
    seen: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=lambda: {access: secret})
    ahead: float = 0.0
    failures: list[int] = field(default_factory=list)  # statuses that the next requests are answered with
    comes: threading.Event = field(default_factory=threading.Event)  # set when a file is put
    goes: threading.Event | None = None  # a file is taken in when this is set

    @property
    def environment(self) -> dict[str, str]:
        """What somebody sets who has the keys."""
        return {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}

    def make_bucket(self, name: str) -> None:
        Client(_inside).put(f"/{name}", base_url=self.url, headers=_insider)

    def put(self, path: str, data: bytes) -> None:
        """Puts an object as somebody else would."""
        Client(_inside).put(path, base_url=self.url, headers=_insider, data=data)

    def get(self, path: str) -> tuple[int, bytes, str]:
        """Status, bytes and type of what is there."""
        answer = Client(_inside).get(path, base_url=self.url, headers=_insider)
        return answer.status_code, answer.data, answer.headers.get("content-type", "")

    def door(self, scope: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        self.seen.append(f"{scope['REQUEST_METHOD']} {scope['PATH_INFO']}")
        if self.failures:
            return _answer(begin, self.failures.pop(0), "SlowDown")
        if scope["REQUEST_METHOD"] == "PUT":
            self.comes.set()
            if self.goes is not None:
                assert self.goes.wait(patience), "nobody let the file in"
        wrong = self._wrong(scope)
        if wrong:
            return _answer(begin, 403, wrong)
        return _inside({**scope, "HTTP_AUTHORIZATION": _insider["Authorization"]}, begin)

    def _wrong(self, scope: Mapping[str, Any]) -> str:
        """The code with which S3 refuses a request signed in its address; empty when all is well."""
        query = dict(parse_qsl(scope["QUERY_STRING"], keep_blank_values=True))
        if "X-Amz-Signature" not in query:
            return "AccessDenied"
        name, _, region, _, _ = query["X-Amz-Credential"].split("/")
        if name not in self.keys:
            return "InvalidAccessKeyId"
        moment = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if time.time() + self.ahead > moment.timestamp() + int(query["X-Amz-Expires"]):
            return "AccessDenied"
        rest = urlencode({key: value for key, value in query.items() if key != "X-Amz-Signature"})
        asked = AWSRequest(scope["REQUEST_METHOD"], f"http://{scope['HTTP_HOST']}{scope['PATH_INFO']}?{rest}")
        asked.headers["host"] = scope["HTTP_HOST"]
        asked.context["timestamp"] = query["X-Amz-Date"]
        signer = S3SigV4QueryAuth(Credentials(name, self.keys[name]), "s3", region, int(query["X-Amz-Expires"]))
        reckoned = signer.signature(signer.string_to_sign(asked, signer.canonical_request(asked)), asked)
        return "" if reckoned == query["X-Amz-Signature"] else "SignatureDoesNotMatch"


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A store without buckets, as long as the block lasts."""
    store = ObjectStore()
    server = make_server("127.0.0.1", 0, store.door, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    store.url = f"http://127.0.0.1:{server.server_port}"
    Client(_inside).post("/moto-api/reset", base_url=store.url)
    try:
        yield store
    finally:
        server.shutdown()
        join(thread)
        server.server_close()


class _QuietHandler(MotoRequestHandler):
    def log(self, *_: object) -> None:
        pass


def _answer(begin: Callable[..., Any], status: int, code: str) -> Iterable[bytes]:
    """A refusal as S3 words it, with more in it than anybody should see again."""
    body = (
        f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>said {code}</Message>"
        f"<AWSAccessKeyId>{access}</AWSAccessKeyId><StringToSign>{secret}</StringToSign></Error>"
    ).encode()
    begin(f"{status} Word", [("content-type", "application/xml"), ("content-length", str(len(body)))])
    return [body]


_inside = DomainDispatcherApplication(create_backend_app)
_insider = {"Authorization": "AWS4-HMAC-SHA256 Credential=inside/20260101/us-east-1/s3/aws4_request"}
