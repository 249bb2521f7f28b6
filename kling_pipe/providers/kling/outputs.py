"""What a finished task made, as either standard tells of it; result shapes: kling.md section 3.

Places count from 0 in the service's order. Fixed places: of a sound its mp3 and its wav, then the clip that carries it;
of a segmented picture its four parts; of a multi-angle picture three candidates of three views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.providers.kling.amounts import id_in, items, mapping, seconds
from kling_pipe.providers.kling.refusals import text_in
from kling_pipe.values.job import Output
from kling_pipe.values.media import MediaType

# The parts that image-recognize tells of, in its page's order; section 12.
segments = ("object_seg", "head_seg", "face_seg", "cloth_seg")
_views = ("url_1", "url_2", "url_3")  # of one candidate of ai-multi-shot
_after_sounds = 2  # mp3 and wav come first
# A sound's renditions by the names of both standards, in the order of their places, each with its length.
_renditions = (
    (("url_mp3", "mp3_url", "url"), ("duration_mp3", "mp3_duration", "duration")),
    (("url_wav", "wav_url"), ("duration_wav", "wav_duration")),
)

Entry = Mapping[str, object]


def body_outputs(result: Entry) -> tuple[Output, ...]:
    """The `task_result` of a body-model task."""
    pictures = [*_entries(result.get("images")), *_entries(result.get("series_images"))]
    return (
        *_with_sounds(_entries(result.get("audios")), _files(_entries(result.get("videos")), MediaType.VIDEO)),
        *_pictures(pictures),
        *_named(_entries(result.get("elements")), MediaType.ELEMENT, "element_id", "element_name"),
        *_named(_entries(result.get("voices")), MediaType.VOICE, "voice_id", "voice_name"),
    )


def path_outputs(outputs: object) -> tuple[Output, ...]:
    """The typed `outputs` of a path-model task."""
    entries = _entries(outputs)
    of = {kind: [entry for entry in entries if entry.get("type") == kind] for kind in MediaType}
    return (
        *_with_sounds(of[MediaType.AUDIO], _files(of[MediaType.VIDEO], MediaType.VIDEO)),
        *_files(of[MediaType.IMAGE], MediaType.IMAGE),
        *_named(of[MediaType.ELEMENT], MediaType.ELEMENT, "id", "name"),
        *_named(of[MediaType.VOICE], MediaType.VOICE, "id", "name"),
    )


def _files(entries: list[Entry], media_type: MediaType) -> tuple[Output, ...]:
    """Files in the service's order. A watermarked rendition is there only when it was asked for, so it is meant.

    Where an index is given twice, indexes mean nothing and the order of the list counts: no file is left out.
    """
    found: dict[tuple[int, str], Output] = {}
    for place, entry in enumerate(entries):
        url = text_in(entry.get("watermark_url")) or text_in(entry.get("url"))
        index = _index(entry, place)
        if url and (index, url) not in found:
            length = seconds(entry.get("duration"))
            found[index, url] = Output(url, media_type, index, id_in(entry.get("id")), length)
    if len({index for index, _ in found}) < len(found):
        return tuple(replace(output, index=place) for place, output in enumerate(found.values()))
    return tuple(sorted(found.values(), key=lambda output: output.index))


def _pictures(entries: list[Entry]) -> tuple[Output, ...]:
    if any(entry.get("type") in segments for entry in entries):
        return _parts(entries)
    if any(view in entry for entry in entries for view in _views):
        return _angles(entries)
    return _files(entries, MediaType.IMAGE)


def _parts(entries: list[Entry]) -> tuple[Output, ...]:
    """Parts that the picture does not contain are left out, and their places stay empty."""
    found: dict[int, Output] = {}
    for entry in entries:
        part, url = entry.get("type"), text_in(entry.get("url"))
        if isinstance(part, str) and part in segments and url and entry.get("is_contain") is not False:
            found.setdefault(segments.index(part), Output(url, MediaType.IMAGE, segments.index(part)))
    return tuple(found[place] for place in sorted(found))


def _angles(entries: list[Entry]) -> tuple[Output, ...]:
    found: dict[int, Output] = {}
    for place, entry in enumerate(entries):
        for view, name in enumerate(_views):
            url, index = text_in(entry.get(name)), len(_views) * _index(entry, place) + view
            if url:
                found.setdefault(index, Output(url, MediaType.IMAGE, index))
    return tuple(found[place] for place in sorted(found))


def _with_sounds(entries: list[Entry], clips: tuple[Output, ...]) -> tuple[Output, ...]:
    """Sounds before the clips they were made for; where there is no sound, clips keep their places."""
    sounds = [_renditions_of(entry) for entry in entries]
    first, *others = [found for found in sounds if found] or [()]
    if not first:
        return clips
    moved = [replace(clip, index=_after_sounds + place) for place, clip in enumerate(clips)]
    later = [sound for found in others for sound in found]
    after = _after_sounds + len(moved)
    return (*first, *moved, *(replace(sound, index=after + place) for place, sound in enumerate(later)))


def _renditions_of(entry: Entry) -> tuple[Output, ...]:
    """The mp3 first, then the wav. One vendor client shows the id as `audio_id`; section 12."""
    name = id_in(entry.get("id")) or id_in(entry.get("audio_id"))
    found: list[Output] = []
    for urls, lengths in _renditions:
        url = next((text for key in urls if (text := text_in(entry.get(key)))), "")
        length = next((length for key in lengths if (length := seconds(entry.get(key)))), 0.0)
        if url:
            found.append(Output(url, MediaType.AUDIO, len(found), name, length))
    return tuple(found)


def _named(entries: list[Entry], media_type: MediaType, id_key: str, name_key: str) -> tuple[Output, ...]:
    """Entries of a library: no files, but an id and a name. A deleted one can be named no more."""
    kept = [entry for entry in entries if entry.get("status") != "deleted" and id_in(entry.get(id_key))]
    return tuple(
        Output("", media_type, place, id_in(entry.get(id_key)), name=text_in(entry.get(name_key)))
        for place, entry in enumerate(kept)
    )


def _index(entry: Entry, place: int) -> int:
    index = entry.get("index")
    return index if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < 1000 else place


def _entries(value: object) -> list[Entry]:
    return [mapping(item) for item in items(value)]
