"""What a run of the executable came to; picsart.md section 4.

1. An address of a result is a result, whatever else went wrong in the same run: it was paid for.
2. A run that fails at the service, is cancelled or gives up waiting ends with exit code 0 too: the JSON tells them
   apart.
3. Codes that can be met after the submit as well leave the job in doubt, unless the words say that the submit was
   refused or the file was not even put up.
4. What is told is the last JSON of stdout, else of stderr, else the words on stderr.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from kling_pipe.providers.picsart.refusals import by_status, credits_short, for_create, unreadable
from kling_pipe.providers.picsart.results import is_address, outputs_of
from kling_pipe.providers.picsart.tasks import failure_of
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.wire import Json, Response

words_header, seconds_header = "x-stderr", "x-seconds"
# A token that is good for the submit is refused on a later look only when it runs out in between: a run this short has
# not looked twice.
_surely_at_once = 20.0  # seconds
_most_values = 1000
_begin = re.compile(r"^\{", re.MULTILINE)
_submit_refused = re.compile(r"Submit failed \((\d{3})\)")
_unasked = re.compile(r"^(?:missing required|prompt is required)", re.IGNORECASE)
_upload_refused = re.compile(r"\((\d{3})\)")
# What is only said once there is a task.
_after_submit = re.compile(r"status check failed|timed out waiting|still running|terminal status|no task id", re.I)
_uploading = re.compile(r"\bupload\b", re.IGNORECASE)


def is_run(response: Response) -> bool:
    """Whether an answer comes from an executable and not from the network."""
    return words_header in response.headers


def read_run(response: Response, workflow: str) -> TaskState | Refusal:
    """The task that a run of `generate` made, or how it is refused."""
    printed = response.body.decode("utf-8", "replace")
    words = response.headers.get(words_header, "")
    values = values_in(printed)
    made = next((value for value in reversed(values) if _has_result(value)), None)
    if made is not None:
        outputs = outputs_of(made.get("results"), workflow) or outputs_of(made, workflow)
        return TaskState(_synthetic(response), "", Phase.SUCCEEDED, outputs=outputs, status="completed")
    told = (values or values_in(words) or [{}])[-1]
    message = _text(told.get("error")) or _plain(words) or _plain(printed)
    if response.status == 0:
        return _unfinished(response, told, message)
    if _after_submit.search(message):
        return Refusal(AnswerClass.TRANSIENT, f"exit-{response.status}", message)
    return _exits.get(response.status, _doubtful)(response, message)


def refusal_in(response: Response) -> Refusal | None:
    """How a run that only asks is refused; None when it was answered."""
    if response.status == 0 and "error" not in last_value(response):
        return None
    found = read_run(response, "")
    return found if isinstance(found, Refusal) else unreadable(found.message or "the executable told nothing")


def last_value(response: Response) -> Json:
    """The last object that was printed; empty when there is none."""
    return (values_in(response.body.decode("utf-8", "replace")) or [{}])[-1]


def values_in(text: str) -> list[Json]:
    """All objects of a text that begin a line, over as many lines as they take."""
    decoder, found, place, tries = json.JSONDecoder(), list[Json](), 0, 0
    while (match := _begin.search(text, place)) is not None and tries < _most_values:
        try:
            value, place = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            place, tries = match.end(), tries + 1
            continue
        found.append(value)
    return found


def _has_result(value: Json) -> bool:
    results = value.get("results")
    listed = isinstance(results, list) and any(
        isinstance(one, Mapping) and is_address(one.get("url")) for one in results
    )
    return "error" not in value and (is_address(value.get("url")) or listed)


def _unfinished(response: Response, told: Json, message: str) -> TaskState | Refusal:
    """Exit code 0 without a result. With an id the task can be asked for; a task that ended without a word on how is in
    doubt, because the service may go on with it."""
    task_id, status = _text(told.get("taskId")), _text(told.get("status"))
    if task_id:
        return TaskState(task_id, "", Phase.RUNNING, status=status or "unknown")
    if not _text(told.get("error")) or status or _after_submit.search(message):
        return Refusal(AnswerClass.TRANSIENT, "unreadable", message or "the executable told no result and no reason")
    return TaskState(_synthetic(response), "", Phase.FAILED, message, failure_of(message), status="failed")


def _doubtful(response: Response, message: str) -> Refusal:
    told = message or f"the executable ended with {response.status} and said nothing"
    return Refusal(AnswerClass.TRANSIENT, f"exit-{response.status}", told)


def _general(response: Response, message: str) -> Refusal:
    """A submit that was refused by its status, or a prompt that is missing; anything else may have come after it."""
    status = _submit_refused.search(message)
    if status is None and _unasked.search(message):
        return _refused(response, message)
    return for_create(by_status(int(status[1]), message)) if status else _doubtful(response, message)


def _auth(response: Response, message: str) -> Refusal:
    try:
        seconds = float(response.headers.get(seconds_header, "0"))
    except ValueError:
        seconds = 0.0
    if not seconds <= _surely_at_once:
        return _doubtful(response, message)
    return Refusal(AnswerClass.AUTH, f"exit-{response.status}", message or "the executable was refused its credentials")


def _network(response: Response, message: str) -> Refusal:
    """Before the submit only files are put up."""
    unsent = _uploading.search(message) is not None
    return Refusal(
        AnswerClass.TRANSIENT, f"exit-{response.status}", message or "the executable reached nobody", unsent=unsent
    )


def _upload(response: Response, message: str) -> Refusal:
    """Files are put up before anything is submitted, so nothing was made."""
    status = _upload_refused.search(message)
    if status is None or int(status[1]) >= 500:
        return Refusal(
            AnswerClass.TRANSIENT, f"exit-{response.status}", message or "a file was not put up", unsent=True
        )
    return for_create(by_status(int(status[1]), message))


def _refused(response: Response, message: str) -> Refusal:
    """Found wrong before anything was sent."""
    return Refusal(AnswerClass.INVALID, f"exit-{response.status}", message or "the executable refused its arguments")


def _credits(response: Response, message: str) -> Refusal:
    return credits_short(f"exit-{response.status}", message)


# By exit code. Cancelled (9, 130), render (10), and what no table names may all have a task behind them.
_exits: Mapping[int, Callable[[Response, str], Refusal]] = {
    1: _general,
    2: _refused,
    3: _auth,
    4: _network,
    5: _upload,
    6: _refused,
    7: _credits,
    8: _refused,
    126: _refused,  # a shell's words for an executable that could not be begun
    127: _refused,
}


def _synthetic(response: Response) -> str:
    """A finished run tells no id of its task, so what it printed stands for it."""
    return f"run-{sha256(response.body).hexdigest()[:32]}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """Words without colours and frames."""
    bare = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|[─-╿✗✓]", " ", text)
    return " ".join(bare.split())[:1000]
