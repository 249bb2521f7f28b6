"""Several requests as one, and each one's part of the answer; runware.md section 2: tasks of one array are answered one
by one, each under its own id."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from kling_pipe.providers.runware.envelopes import Envelope, text_in, uuid_in
from kling_pipe.providers.runware.questions import get_response, most_asked, path
from kling_pipe.providers.runware.tasks import details
from kling_pipe.values.wire import Json, Request, Response

most_bundled = 20  # requests: what one lost answer puts in doubt stays small
# Uploads are long and go alone, so that nothing waits for their bytes.
_bundled = frozenset({"imageInference", "videoInference", get_response, details})


def bundle(requests: Sequence[Request]) -> Request | None:
    """One array of all tasks; None where one of them has to go alone, or two would have one id."""
    tasks = [task for request in requests for task in _tasks_of(request)]
    uuids = {uuid_in(task) for task in tasks}
    plain = all(_may_join(request) for request in requests)
    if not plain or not 1 <= len(requests) <= most_bundled or len(tasks) > most_asked or len(uuids) < len(tasks):
        return None
    return Request("POST", path, body=tasks, creates=any(request.creates for request in requests))


def unbundle(requests: Sequence[Request], response: Response) -> tuple[Response, ...]:
    """What names a task belongs to its request, what names none to all, and so does an answer of another form."""
    envelope = Envelope.of(response)
    if envelope is None or len(requests) == 1:
        return tuple(response for _ in requests)
    known = {uuid_in(task) for request in requests for task in _tasks_of(request)}
    return tuple(_part(request, envelope, known, response) for request in requests)


def _part(request: Request, envelope: Envelope, known: set[str], response: Response) -> Response:
    """A status of the whole says nothing of a task that is not named while others are: it may have been made."""
    own = {uuid_in(task) for task in _tasks_of(request)}
    items = [item for item in envelope.items if uuid_in(item) in own]
    errors = [error for error in envelope.errors if uuid_in(error) in own or uuid_in(error) not in known]
    status = response.status if errors and not items else 200
    body: Json = {**({"data": items} if items or not errors else {}), **({"errors": errors} if errors else {})}
    return Response(status, response.headers, json.dumps(body).encode())


def _may_join(request: Request) -> bool:
    is_plain = request.method == "POST" and request.path == path and not (request.query or request.headers)
    tasks = _tasks_of(request)
    named = all(uuid_in(task) and text_in(task.get("taskType")) in _bundled for task in tasks)
    return is_plain and bool(tasks) and named


def _tasks_of(request: Request) -> list[Json]:
    return [task for task in request.body if isinstance(task, Mapping)] if isinstance(request.body, list) else []
