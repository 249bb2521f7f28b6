"""The family of job objects of gateway.md sections 4 and 5, read into one value: flat or wrapped, whoever's words.

Nothing here raises: what cannot be read is left out. A status that nobody has listed is taken for work in progress.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

from kling_pipe.providers.gateway.answers import Entry, entries, mapping, moment, text_in, word_in
from kling_pipe.providers.gateway.refusals import sounds_moderated
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.job import Output, Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.wire import Json

_phases: Mapping[str, Phase] = {
    **dict.fromkeys(("queued", "pending", "submitted", "not_start", "unknown"), Phase.QUEUED),
    **dict.fromkeys(("in_progress", "processing", "running", "preprocessing", "initializing"), Phase.RUNNING),
    **dict.fromkeys(("completed", "succeeded", "succeed", "success"), Phase.SUCCEEDED),
    **dict.fromkeys(("failed", "failure", "error", "cancelled", "canceled", "expired"), Phase.FAILED),
}
_reasons = ("fail_reason", "failure_reason", "finish_reason", "task_status_msg")
_begun = ("created_at", "submit_time", "created", "create_time")
_ended = ("completed_at", "finished_at", "finish_time", "updated_at")
_of_jobs = ("progress", "model", "video_url", "metadata", "task_result", "fail_reason", "submit_time")
_files: Mapping[MediaType, str] = {MediaType.VIDEO: "videos", MediaType.IMAGE: "images"}


def read_task(answer: Json | None, makes: MediaType, asked: str = "") -> TaskState | None:
    """The job of an answer; `asked` is the id that was asked about, where the answer leaves it out. None: no job."""
    if answer is None:
        return None
    job, around = _unwrapped(answer)
    named = word_in(job.get("task_id")) or word_in(job.get("id")) or _bare_id(answer)
    word = text_in(job.get("status")) or text_in(job.get("task_status"))
    layers = (job, mapping(job.get("data")), around)
    url = next(_addresses(layers, makes), "")
    phase, task_id = _phase(word, url), asked or named
    if not task_id or not (word or named):
        return None
    if phase in (Phase.SUCCEEDED, Phase.FAILED) and not _is_about(job, asked):
        return None
    message = _message(job) if phase is Phase.FAILED else ""
    return TaskState(
        task_id=task_id,
        external_id="",
        phase=phase,
        message=message,
        failure=str(AnswerClass.MODERATED) if message and sounds_moderated(message) else "",
        outputs=_outputs(url, task_id, makes) if phase is Phase.SUCCEEDED else (),
        created=_moment(job, _begun),
        updated=_moment(job, _ended),
        status=_told(word, phase, job.get("progress")),
    )


def content_path(task_id: str) -> str:
    """Where a finished job's file can be had of the gateway itself; it asks for the key (section 2)."""
    return f"/v1/videos/{quote(task_id, safe='')}/content"


def _unwrapped(answer: Json) -> tuple[Entry, Entry]:
    """The job itself and what is around it: new-api's task object stands under `data`."""
    inner = answer.get("data")
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if isinstance(inner, Mapping) and not text_in(answer.get("status")):
        return inner, answer
    return answer, {}


def _is_about(job: Entry, asked: str) -> bool:
    """Whether an answer that tells an end is about the job: relays put `status: error` over their own troubles too, and
    a job that is given up for one of those is paid for twice. Some name the upstream's id in place of theirs."""
    named = [word_in(job.get(name)) for name in ("task_id", "id")]
    if asked in named if asked else any(named):
        return True
    return any(name in job for name in _of_jobs) or text_in(job.get("object")).startswith(("video", "image"))


def _bare_id(answer: Json) -> str:
    """Older gateways of this family answer a create with the id alone under `data`."""
    found = text_in(answer.get("data"))
    return found if text_in(answer.get("code")) == "success" and 0 < len(found) <= 200 and " " not in found else ""


def _phase(word: str, url: str) -> Phase:
    if not word:
        return Phase.SUCCEEDED if url else Phase.QUEUED
    return _phases.get(word.strip().lower(), Phase.RUNNING)


def _told(word: str, phase: Phase, progress: object) -> str:
    """The gateway's word, and when half is done: a finer figure would fill the ledger and tell nobody more."""
    digits = word_in(progress).removesuffix("%")
    percent = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4 else 0
    return f"{word} 50%" if phase is Phase.RUNNING and 50 <= percent < 100 else word


def _addresses(layers: tuple[Entry, ...], makes: MediaType) -> Iterator[str]:
    """Where the result may be named, in the order of section 4."""
    for layer in layers:
        for name in ("video_url", "metadata.url", "url", "output_url", "result_url"):
            first, _, second = name.partition(".")
            found = mapping(layer.get(first)).get(second) if second else layer.get(first)
            yield from _address(found)
        result = mapping(layer.get("task_result")) or mapping(mapping(layer.get("data")).get("task_result"))
        for file in entries(result.get(_files[makes])):
            yield from _address(file.get("url"))


def _address(value: object) -> Iterator[str]:
    found = text_in(value).strip()
    if found.startswith(("https://", "http://")) or (found.startswith("/") and not found.startswith("//")):
        yield found


def _outputs(url: str, task_id: str, makes: MediaType) -> tuple[Output, ...]:
    """One job makes one file. One that is named nowhere, or by the gateway's own proxy, is asked for by a path without
    a host: the key then goes to the API's own host and to no other, whatever an answer says."""
    own = content_path(task_id)
    return (Output(own if not url or _path(url).endswith(own) else url, makes),)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _message(job: Entry) -> str:
    """Why a job failed: a code and a message, or one of several texts."""
    error = job.get("error")
    if isinstance(error, Mapping):
        told = ": ".join(word for word in (word_in(error.get("code")), text_in(error.get("message"))) if word)
        if told:
            return told
    native = mapping(job.get("data"))
    texts = [text_in(error), *(text_in(layer.get(name)) for layer in (job, native) for name in _reasons)]
    return next((text for text in texts if text), text_in(job.get("message")))


def _moment(job: Entry, names: tuple[str, ...]) -> float:
    return next((found for name in names if (found := moment(job.get(name)))), 0.0)
