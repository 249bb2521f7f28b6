"""Calls that must be answered before a create can be written: speech, faces, an editing session and its selections.

Each is charged for by itself and carries no id of ours (kling.md section 5), so none is sent twice. Its notes hold what
the create needs and nothing else. Answers: kling.md section 12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kling_pipe.providers.kling import endpoints, lip_sync
from kling_pipe.providers.kling.amounts import Prices, deduction, id_in, mapping
from kling_pipe.providers.kling.brief import Brief
from kling_pipe.providers.kling.editing import selection_body, selections_of
from kling_pipe.providers.kling.outputs import body_outputs
from kling_pipe.providers.kling.refusals import for_create, not_as_it_is, refusal_of, text_in, unreadable
from kling_pipe.providers.kling.sounds import spoken
from kling_pipe.providers.provider import Errand, ErrandNotes
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Job
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Json, Request, Response

identify_face = "/v1/videos/identify-face"
init_selection = f"{endpoints.multi_elements}/init-selection"
add_selection = f"{endpoints.multi_elements}/add-selection"
_pack = "video"  # all of them draw on it; section 7


@dataclass(frozen=True, slots=True)
class FaceErrand(Errand):
    """A search for faces that knows how long the sound is that will go under one; milliseconds."""

    sound: int = 0


def next_errand(brief: Brief) -> Errand | None:
    """The next call that a job's create waits for; None when it can go."""
    due = _due.get(brief.job.kind)
    return None if due is None else due(brief)


def read_errand(job: Job, errand: Errand, response: Response, prices: Prices) -> ErrandNotes | Refusal:
    """What an answer tells the create."""
    refusal = refusal_of(response)
    if refusal is not None:
        return for_create(refusal, _pack)
    data = (response.json() or {}).get("data")
    if not isinstance(data, Mapping):
        return unreadable(response, "data")
    told = _readers[errand.name](job, errand, data, response)
    cost = deduction(data, _pack, prices) or Cost()
    return replace(told, cost=cost) if isinstance(told, Refusal) else ErrandNotes(told, cost)


def _lip_sync(brief: Brief) -> Errand | None:
    """A text is spoken first: how long it takes decides where it can go."""
    if brief.words("text") and brief.note("audio_id") is None:
        return Errand("tts", _call(endpoints.tts, spoken(brief)))
    if brief.note("face_id") is not None:
        return None
    sound = brief.note("audio_milliseconds")
    length = sound if isinstance(sound, int) else lip_sync.length_of(brief.job, "audio")
    return FaceErrand("identify-face", _call(identify_face, brief.clip()), length)


def _editing(brief: Brief) -> Errand | None:
    selections = selections_of(brief.job)
    if not brief.told:
        return Errand("init-selection", _call(init_selection, brief.clip()))
    added = len(brief.told) - 1
    if added >= len(selections):
        return None
    return Errand("add-selection", _call(add_selection, selection_body(brief, selections[added])))


def _speech(job: Job, errand: Errand, data: Mapping[str, object], response: Response) -> Json | Refusal:
    result = body_outputs(mapping(data.get("task_result")))
    if not result or not result[0].id:
        reason = text_in(data.get("task_status_msg"))
        if data.get("task_status") == "failed":
            return not_as_it_is("not-spoken", f"the text was not spoken: {reason or 'no reason was given'}", response)
        return unreadable(response, "sound")
    length = lip_sync.milliseconds(result[0].seconds)
    if not lip_sync.fits(length):
        message = f"the text takes {length / 1000:g} s to speak, and a lip-sync takes 2 s to 60 s of sound"
        return not_as_it_is("sound-does-not-fit", message, response)
    return {"audio_id": result[0].id, "audio_milliseconds": length}


def _faces(job: Job, errand: Errand, data: Mapping[str, object], response: Response) -> Json | Refusal:
    session, faces = id_in(data.get("session_id")), lip_sync.faces_in(data)
    if not session:
        return unreadable(response, "session")
    if not faces:
        return not_as_it_is("no-face", "no face was found in the clip", response)
    wanted = job.parameters.get("face")
    number = wanted if isinstance(wanted, int) else 1
    if not 1 <= number <= len(faces):
        found = "1 face was found" if len(faces) == 1 else f"{len(faces)} faces were found"
        return not_as_it_is("no-such-face", f"`face` is {number}, and {found} in the clip", response)
    face = faces[number - 1]
    sound = errand.sound if isinstance(errand, FaceErrand) else lip_sync.length_of(job, "audio")
    hindrance = lip_sync.hindrance(job, face, sound)
    if hindrance:
        return not_as_it_is("sound-does-not-fit", hindrance, response)
    placed = lip_sync.place(job, face, sound)
    return {
        "session_id": session,
        "face_id": face.id,
        "sound_start_time": placed.start,
        "sound_end_time": placed.end,
        "sound_insert_time": placed.insert,
    }


def _session(job: Job, errand: Errand, data: Mapping[str, object], response: Response) -> Json | Refusal:
    if rejected := _rejection(data):
        message = f"the service cannot open the clip for editing (status {rejected})"
        return not_as_it_is("clip-rejected", message, response)
    session = id_in(data.get("session_id"))
    return {"session_id": session} if session else unreadable(response, "session")


def _selection(job: Job, errand: Errand, data: Mapping[str, object], response: Response) -> Json | Refusal:
    frame = errand.request.fields.get("frame_index")
    masks = mapping(data.get("res")).get("rle_mask_list")
    rejected = _rejection(data)
    if rejected or (masks == []):
        status = f" (status {rejected})" if rejected else ""
        message = f"the service finds nothing at the points of frame {frame}{status}"
        return not_as_it_is("nothing-selected", message, response)
    return {"frame_index": frame}


def _rejection(data: Mapping[str, object]) -> str:
    """A status that is not 0, as text; empty when it is 0 or missing."""
    status = data.get("status")
    return "" if status in (None, "", 0, "0") else str(status)


def _call(path: str, body: Json) -> Request:
    return Request("POST", path, body=body, creates=True)


_due: Mapping[str, Callable[[Brief], Errand | None]] = {"lip-sync": _lip_sync, "edit-elements": _editing}
_readers: Mapping[str, Callable[[Job, Errand, Mapping[str, object], Response], Json | Refusal]] = {
    "tts": _speech,
    "identify-face": _faces,
    "init-selection": _session,
    "add-selection": _selection,
}
