"""The way to the network: one client for the API, another for files; httpx stays inside this file.

Credentials go to the API's own hosts only: redirects are never followed there, and the file client knows none.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from kling_pipe.edge.told import unrepeated
from kling_pipe.errors import UsageFailure
from kling_pipe.values.secret import unsigned
from kling_pipe.values.transfer import AnswerMissing, FetchTrouble
from kling_pipe.values.wire import Request, Response

if TYPE_CHECKING:
    import httpx

most_answer_bytes = 64 << 20
most_file_bytes = 4 << 30
most_redirects = 4
connect_seconds, read_seconds, create_seconds = 10.0, 30.0, 120.0
gone_statuses = frozenset({401, 403, 404, 410})
_none: Mapping[str, str] = MappingProxyType({})


class HttpWire:
    """One profile's API at `base_url`, with its further addresses by name; `app` is an ASGI application that stands in
    for the network."""

    def __init__(
        self, base_url: str, app: Any = None, agent: str = "kling-pipe", hosts: Mapping[str, str] = _none
    ) -> None:
        self._bases = {"": checked_address(base_url).rstrip("/")}
        self._bases |= {name: checked_address(address).rstrip("/") for name, address in hosts.items()}
        self._client = _client(app, agent, connections=8)

    async def send(self, request: Request) -> Response:
        """Sends a signed request; raises AnswerMissing when no answer came."""
        import httpx

        patience = request.patience or (create_seconds if request.creates else read_seconds)
        try:
            async with self._client.stream(
                request.method,
                self._address(request),
                params=list(request.query) or None,
                content=_written(request),
                files=_parts(request),
                headers=[*request.headers, *_content_type(request)],
                timeout=httpx.Timeout(patience, connect=connect_seconds),
                follow_redirects=False,
            ) as answer:
                body = unrepeated(request, answer.status_code, await _bounded_body(answer))
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status_code, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise AnswerMissing("unreachable", _said(error), sent=False) from error
        except (httpx.LocalProtocolError, UnicodeError) as error:  # their texts repeat the header, so the credential
            message = f"the request to `{request.path}` cannot be written: {type(error).__name__}"
            raise AnswerMissing("unsendable", message, sent=False) from None
        except httpx.TimeoutException as error:
            raise AnswerMissing("timeout", f"no answer within {patience:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, ConnectionError, EOFError) as error:
            raise AnswerMissing("reset", _said(error)) from error

    def _address(self, request: Request) -> str:
        """A request goes to addresses of the profile and nowhere else: it holds the credential."""
        if request.host not in self._bases:
            message = f"the profile has no address `{request.host}`"
            raise AnswerMissing("unsendable", message, sent=False)
        return joined(self._bases[request.host], request.path)

    async def close(self) -> None:
        await self._client.aclose()


class HttpFiles:
    """Streams media files from where a provider put them; `own_hosts` may be private and plain http."""

    def __init__(self, own_hosts: Sequence[str], app: Any = None, agent: str = "kling-pipe") -> None:
        self._own_hosts = frozenset(own_hosts)
        self._client = _client(app, agent, connections=8)
        self._resolves = app is None

    @contextlib.asynccontextmanager
    async def open(self, url: str, offset: int = 0) -> AsyncIterator[tuple[int, AsyncIterator[bytes]]]:
        """The file from `offset` on: (where it really starts, its pieces). Raises FetchTrouble."""
        import httpx

        headers = {"range": f"bytes={offset}-"} if offset else {}
        try:
            async with contextlib.AsyncExitStack() as stack:
                answer = await self._follow(stack, url, headers)
                if answer.status_code in gone_statuses:
                    raise FetchTrouble(f"the file's address answers {answer.status_code}", gone=True)
                if answer.status_code not in (200, 206):
                    raise FetchTrouble(f"the file's address answers {answer.status_code}")
                start = offset if answer.status_code == 206 else 0
                if start and not answer.headers.get("content-range", "").startswith(f"bytes {start}-"):
                    raise FetchTrouble("the file's address answers with another part of the file than asked for")
                declared = int(answer.headers.get("content-length") or 0)
                if declared > most_file_bytes:
                    raise FetchTrouble(f"the file is larger than {most_file_bytes >> 30} GiB")
                yield start, _whole(answer, declared)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ConnectionError, EOFError) as error:
            raise FetchTrouble(_said(error)) from error

    async def _follow(self, stack: contextlib.AsyncExitStack, url: str, headers: dict[str, str]) -> httpx.Response:
        for _ in range(most_redirects + 1):
            await self._guard(url)
            answer = await stack.enter_async_context(self._client.stream("GET", url, headers=headers))
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
        raise FetchTrouble(f"more than {most_redirects} redirects")

    async def _guard(self, url: str) -> None:
        """Refuses plain http and private addresses, except on the profile's own hosts."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError as error:
            raise FetchTrouble(f"the file's address is none: {error}") from None
        if parts.netloc.rpartition("@")[2] in self._own_hosts:
            return
        if parts.scheme != "https" or not host:
            raise FetchTrouble(f"files are fetched by https only, not from `{parts.scheme}://{host}`")
        if self._resolves and await asyncio.to_thread(_is_private, host):
            raise FetchTrouble(f"`{host}` is a private address; name it in the profile's `media_hosts` to allow it")

    async def close(self) -> None:
        await self._client.aclose()


async def send_object(verb: str, url: str, data: bytes, headers: Mapping[str, str]) -> Response:
    """One request to an object store at a signed address, which is a credential; raises AnswerMissing."""
    import httpx

    logging.getLogger("httpx").addFilter(_without_signatures)  # it tells every address it is asked for
    patience = httpx.Timeout(create_seconds, connect=connect_seconds)  # between two signs of life, not for the whole
    agent = {"user-agent": "kling-pipe", "accept-encoding": "identity"}
    is_secure = url.startswith("https://")  # a plain address needs no certificates, which take long to load
    try:
        async with (
            httpx.AsyncClient(timeout=patience, headers=agent, verify=is_secure) as client,
            client.stream(verb, url, content=data or None, headers=dict(headers)) as answer,
        ):
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status_code, named, await _bounded_body(answer))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise AnswerMissing("unreachable", type(error).__name__, sent=False) from None
    except httpx.TimeoutException as error:
        raise AnswerMissing("timeout", type(error).__name__) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ConnectionError, EOFError) as error:
        raise AnswerMissing("reset", type(error).__name__) from None


def _without_signatures(record: logging.LogRecord) -> bool:
    record.msg, record.args = unsigned(record.getMessage()), ()
    return True


def joined(base_url: str, path: str) -> str:
    """The address of a path. A base URL may end with the segment that every path begins with, such as `/v1`, because
    that is how services print it; it is not repeated."""
    last = urlsplit(base_url).path.rpartition("/")[2]
    if last and (path == f"/{last}" or path.startswith(f"/{last}/")):
        return base_url + path[len(last) + 1 :]
    return base_url + path


def host_of(url: str) -> str:
    """Host and port of a URL, as `own_hosts` names them."""
    return urlsplit(url).netloc.rpartition("@")[2]


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_nowhere = "simulator.invalid"  # never resolved: requests to it stay in the process


def checked_address(base_url: str) -> str:
    """Raises UsageFailure for what can be no API's address: asking there again and again would help nobody."""
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if good and (parts.scheme == "https" or is_here(parts.hostname or "") or parts.hostname == _nowhere):
        return base_url
    if good:
        raise UsageFailure(
            "insecure-base-url",
            f"`{base_url}` would send the credentials unencrypted",
            hint="write `https://`; plain `http://` is for this machine only",
        )
    raise UsageFailure(
        "bad-base-url",
        f"`{base_url}` is not an API's address, one such as `https://api.example.com` was expected",
        hint="look at the profile's `base_url` and at the environment variable that overrides it",
    )


def _client(app: Any, agent: str, connections: int) -> httpx.AsyncClient:
    import httpx

    transport = httpx.ASGITransport(app=app) if app is not None else None
    return httpx.AsyncClient(
        transport=transport,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        timeout=httpx.Timeout(read_seconds, connect=connect_seconds, pool=None),
        headers={"user-agent": agent, "accept-encoding": "identity"},
        trust_env=app is None,
    )


def _written(request: Request) -> bytes | None:
    return json.dumps(request.body).encode() if request.body is not None and not request.form else None


def _parts(request: Request) -> list[tuple[str, tuple[str | None, bytes, str | None]]] | None:
    """The parts of a form in their order; a file has a name, a text has none."""
    return [
        (part.name, (part.filename, part.data, part.mime or None))
        if part.filename
        else (part.name, (None, part.text.encode(), part.mime or None))
        for part in request.form
    ] or None


def _content_type(request: Request) -> list[tuple[str, str]]:
    """A form says its own, as its boundary is in it."""
    return [("content-type", "application/json")] if request.body is not None and not request.form else []


async def _bounded_body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > most_answer_bytes:
            raise AnswerMissing("unreadable", f"the answer is larger than {most_answer_bytes >> 20} MiB")
    return bytes(body)


async def _whole(answer: httpx.Response, declared: int) -> AsyncIterator[bytes]:
    received = 0
    async for piece in answer.aiter_raw(1 << 20):
        received += len(piece)
        if received > most_file_bytes:
            raise FetchTrouble(f"the file is larger than {most_file_bytes >> 30} GiB")
        yield piece
    if declared and received < declared:
        raise FetchTrouble(f"the download ended after {received} of {declared} bytes")


def _is_private(host: str) -> bool:
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return False  # the connection will say so itself, or a proxy resolves it
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in addresses)


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
