"""How a task stands, from the items and errors that an answer has of it; runware.md sections 4, 5 and 7.

1. A task of several results has an item for each; it has ended when all that were asked for have.
2. An item with a file's address is a result, whatever its status says; one without is a word about the work.
3. An error fails a task only where it says so of the work: a question can fail too, and nobody may buy because of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from kling_pipe.providers.runware.airs import image_inference
from kling_pipe.providers.runware.envelopes import Envelope, Item, amount, mapping, text_in, uuid_in, whole
from kling_pipe.providers.runware.refusals import failure_of, is_failure, words_of
from kling_pipe.values.job import Output, Phase, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost

details = "getTaskDetails"
# Words that clients know; one that nobody has listed is taken for work in progress.
_queued = frozenset({"queued", "pending", "scheduled", "waiting"})
_failed = frozenset({"error", "failed"})
_types: Mapping[str, MediaType] = {"image": MediaType.IMAGE, "video": MediaType.VIDEO, "audio": MediaType.AUDIO}
_mimes: Mapping[str, str] = {"image": "image/png", "video": "video/mp4", "audio": "audio/mpeg"}


def read_task(found: Envelope, uuid: str, external_id: str, makes: MediaType, results: int = 0) -> TaskState | None:
    """The state of one task; None where nothing tells of it, or not enough: one error may be that of the whole task or
    of one result, and what is kept of it says which. `results` is how many it was asked for, 0 unknown."""
    outputs = _outputs(found.items, makes)
    failed = [*filter(_is_failed, found.items), *filter(is_failure, found.errors)]
    failures = sorted(failed, key=lambda one: (not failure_of(one), words_of(one)))  # moderation is told first
    running = [item for item in found.items if not _is_failed(item) and not _output(item, makes)]
    if not (outputs or failures or running):
        return None
    if failures and not running and len(outputs) + len(failures) < results:
        return None
    state = TaskState(uuid, external_id, Phase.RUNNING, status="processing")
    if running or len(outputs) + len(failures) < results:
        words = sorted({_word(item) for item in running} - {""})
        if words and not outputs and not failures and _queued.issuperset(words):
            return replace(state, phase=Phase.QUEUED, status=words[0])
        return state
    if outputs:
        return replace(
            state, phase=Phase.SUCCEEDED, outputs=outputs, cost=_cost(found.items, makes), status="success",
            message=words_of(failures[0]) if failures else "",
        )  # fmt: skip
    first = failures[0]
    return replace(state, phase=Phase.FAILED, message=words_of(first), failure=failure_of(first), status="error")


def read_details(found: Envelope, uuid: str, external_id: str, makes: MediaType) -> TaskState | None:
    """The state of a task from what the service keeps of it: the request and the whole answer it came to."""
    item = next((item for item in found.items if _has_details(item)), None)
    if item is None:
        return None
    asked = Envelope.within({"data": item.get("request")})
    results = max((whole(task.get("numberResults")) for task in asked.items if uuid_in(task) in ("", uuid)), default=0)
    kept = Envelope.within(mapping(item.get("response"))).about(uuid, alone=True)
    # Whatever error is kept is what the task came to.
    marked = tuple({**error, "status": "error"} for error in kept.errors)
    if kept.items or not marked:
        state = read_task(Envelope(kept.items, marked), uuid, external_id, makes, 0 if marked else results)
        return state or TaskState(uuid, external_id, Phase.RUNNING, status="processing")
    first = marked[0]
    return TaskState(uuid, external_id, Phase.FAILED, words_of(first), failure_of(first), status="error")


def made_by(standard: str) -> MediaType:
    """What a task type makes."""
    return MediaType.IMAGE if standard == image_inference else MediaType.VIDEO


def _has_details(item: Item) -> bool:
    return text_in(item.get("taskType")) == details or "request" in item or isinstance(item.get("response"), Mapping)


def _is_failed(item: Item) -> bool:
    return _word(item) in _failed


def _word(item: Item) -> str:
    return text_in(item.get("status")).lower()


def _outputs(items: Sequence[Item], makes: MediaType) -> tuple[Output, ...]:
    """Files in the order of their ids, each once: the same whenever and by whomever they are asked for."""
    found: dict[str, Output] = {}
    for output in sorted((output for output, _ in _made(items, makes)), key=lambda output: (output.id, output.url)):
        found.setdefault(output.id or output.url, output)
    return tuple(replace(output, index=place) for place, output in enumerate(found.values()))


def _made(items: Sequence[Item], makes: MediaType) -> Iterator[tuple[Output, Item]]:
    for item in items:
        output = None if _is_failed(item) else _output(item, makes)
        if output is not None:
            yield output, item


def _output(item: Item, makes: MediaType) -> Output | None:
    """A file: by its address, or in the answer itself where somebody asked for that."""
    for name, kind in _types.items():
        url = text_in(item.get(f"{name}URL")) or text_in(item.get(f"{name}DataURI"))
        data = text_in(item.get(f"{name}Base64Data"))
        if url or data:
            return Output(url or f"data:{_mimes[name]};base64,{data}", kind, id=text_in(item.get(f"{name}UUID")))
    url = text_in(item.get("mediaURL"))
    return Output(url, makes, id=text_in(item.get("mediaUUID"))) if url else None


def _cost(items: Sequence[Item], makes: MediaType) -> Cost | None:
    """USD of all results; None where one of them does not say."""
    found: dict[str, Decimal | None] = {}
    for output, item in _made(items, makes):
        name, told = output.id or output.url, amount(item.get("cost"))
        before = found.get(name)
        found[name] = told if before is None else max(before, told or before)
    known = [one for one in found.values() if one is not None]
    return Cost(sum(known, Decimal(0))) if known and len(known) == len(found) else None
