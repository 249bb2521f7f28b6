"""The library of an account: its own elements and voices and the official ones; kling.md section 12.

Task objects carry them, so an entry is named twice where two tasks tell of it; whoever lists them keeps the first.
"""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.kling import endpoints
from kling_pipe.providers.kling.amounts import id_in, items, mapping
from kling_pipe.providers.kling.queries import list_page, most_listed
from kling_pipe.providers.kling.refusals import for_query, refusal_of, text_in, unreadable
from kling_pipe.providers.provider import Entry, Shelf
from kling_pipe.values.answer import Refusal
from kling_pipe.values.media import MediaType
from kling_pipe.values.wire import Request, Response

preset_elements = "/v1/general/advanced-presets-elements"
preset_voices = "/v1/general/presets-voices"
_paths = (endpoints.elements, preset_elements, endpoints.voices, preset_voices)


def first_pages() -> tuple[Request, ...]:
    """The first page of each list."""
    return tuple(list_page(path, most_listed, 1) for path in _paths)


def read_page(request: Request, response: Response) -> Shelf | Refusal:
    """The entries of a page, and the request for the next one; nothing follows a short page (section 5, likely)."""
    refusal = refusal_of(response)
    if refusal is not None:
        return for_query(refusal)
    data = (response.json() or {}).get("data")
    if not isinstance(data, list):
        return unreadable(response, "list")
    results = [mapping(mapping(task).get("task_result")) for task in data]
    is_own = request.path in (endpoints.elements, endpoints.voices)
    found = [entry for result in results for entry in _entries(result, is_own=is_own)]
    asked = dict(request.query)
    more = list_page(request.path, most_listed, int(asked["pageNum"]) + 1) if len(data) >= most_listed else None
    return Shelf(tuple(found), more)


def _entries(result: Mapping[str, object], *, is_own: bool) -> list[Entry]:
    return [
        *(_element(mapping(item), is_own=is_own) for item in items(result.get("elements")) if _lives(item)),
        *(_voice(mapping(item), is_own=is_own) for item in items(result.get("voices")) if _lives(item)),
    ]


def _lives(item: object) -> bool:
    entry = mapping(item)
    return entry.get("status") != "deleted" and bool(id_in(entry.get("element_id")) or id_in(entry.get("voice_id")))


def _element(item: Mapping[str, object], *, is_own: bool) -> Entry:
    pictures = mapping(item.get("element_image_list"))
    return Entry(
        MediaType.ELEMENT, id_in(item.get("element_id")), text_in(item.get("element_name")), is_own,
        text_in(item.get("element_description")), text_in(pictures.get("frontal_image")),
    )  # fmt: skip


def _voice(item: Mapping[str, object], *, is_own: bool) -> Entry:
    name, preview = text_in(item.get("voice_name")), text_in(item.get("trial_url"))
    return Entry(MediaType.VOICE, id_in(item.get("voice_id")), name, is_own, "", preview)
