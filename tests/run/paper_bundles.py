"""A provider whose service takes several requests in one, and such a service: `POST /many` with a list of requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kling_pipe.values.wire import Request, Response
from tests.run.paper_provider import PaperProvider

many = "/many"


class BundlingProvider(PaperProvider):
    """Everything goes together but what `alone` names a path of."""

    def __init__(self, most: int = 8, alone: str = "/alone") -> None:
        super().__init__()
        self._most = most
        self._alone = alone

    @property
    def most_bundled(self) -> int:
        return self._most

    @property
    def status_requests_a_task(self) -> float:
        return 0.4

    def bundle(self, requests: Sequence[Request]) -> Request | None:
        if any(request.path.startswith(self._alone) for request in requests):
            return None
        return Request("POST", many, body=[written(request) for request in requests])

    def unbundle(self, requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
        parts = (response.json() or {}).get("parts")
        if response.status != 200 or not isinstance(parts, list):
            return tuple(response for _ in requests)
        return tuple(Response(200, {}, json.dumps(part).encode()) for part in parts)


def written(request: Request) -> dict[str, Any]:
    return {"method": request.method, "path": request.path, "body": request.body}


def parts_of(request: Request) -> list[Request]:
    """The requests that a service finds in one."""
    if request.path != many:
        return [request]
    assert isinstance(request.body, list)
    return [Request(part["method"], part["path"], body=part["body"]) for part in request.body]
