"""The files that a finished task tells of, in whichever of the known shapes; picsart.md section 2.

The page names `url`, `items[].url` and "nested"; the other keys are those that its source looks through. Where none of
them leads to a file, every key is looked into, for what is finished is paid for; but never what repeats the request.
Nothing here raises: what cannot be read is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from kling_pipe.providers.picsart.workflows import all_workflows, video_to_audio
from kling_pipe.values.job import Output
from kling_pipe.values.media import MediaType

_image, _video, _audio = MediaType.IMAGE, MediaType.VIDEO, MediaType.AUDIO
# Where addresses stand, in the order in which they are looked for, and what they say of the type.
_keys: Mapping[str, MediaType | None] = {
    "items": None, "results": None, "url": None, "urls": None,
    "videos": _video, "video": _video, "videoUrl": _video, "video_url": _video,
    "audios": _audio, "audio": _audio, "audioUrl": _audio, "audio_url": _audio, "audioUrls": _audio,
    "url_mp3": _audio, "url_wav": _audio,
    "images": _image, "image": _image, "imageUrl": _image, "image_url": _image, "imageUrls": _image,
    "assets": None, "data": None, "result": None, "output": None, "outputs": None,
}  # fmt: skip
_endings: Mapping[str, MediaType] = {
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "avif"), _image),
    **dict.fromkeys(("mp4", "mov", "webm", "m4v"), _video),
    **dict.fromkeys(("mp3", "wav", "m4a", "aac", "ogg", "flac"), _audio),
}
# What was sent, and what only goes with a file.
_never = frozenset({"params", "payload", "request", "input", "inputs", "options", "source", "sources", "metadata",
                    "thumbnail", "thumbnails", "thumbnailUrl", "thumbnail_url", "cover", "coverUrl", "cover_url",
                    "poster", "preview", "previews", "webhook", "links"})  # fmt: skip
_deepest = 8

Found = Iterator[tuple[str, MediaType | None]]


def outputs_of(result: object, workflow: str) -> tuple[Output, ...]:
    """The files in the service's order; those of the type that is made come first, and alone unless it is sound for a
    clip, which may bring the clip along."""
    known = all_workflows.get(workflow)
    makes = known.makes if known else MediaType.VIDEO
    told = dict(_addresses(result, None, 0)) or dict(_addresses(result, None, 0, anywhere=True))
    found = {url: said or makes for url, said in told.items()}
    made = [url for url, type_ in found.items() if type_ is makes]
    beside = [url for url in found if url not in made]
    kept = [*made, *beside] if not made or workflow == video_to_audio else made
    return tuple(Output(url, found[url], index) for index, url in enumerate(kept))


def is_address(value: object) -> bool:
    """Whether it is something a file can be fetched from."""
    return isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) < 10_000


def _addresses(value: object, said: MediaType | None, depth: int, *, anywhere: bool = False) -> Found:
    if depth > _deepest:
        return
    if isinstance(value, str):
        if is_address(value):
            yield value, _by_ending(value) or said
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item, said, depth + 1, anywhere=anywhere)
    elif isinstance(value, Mapping):
        own = _told_type(value) or said
        for key in [key for key in value if key not in _never] if anywhere else [key for key in _keys if key in value]:
            yield from _addresses(value[key], _keys.get(key) or own, depth + 1, anywhere=anywhere)


def _told_type(entry: Mapping[str, object]) -> MediaType | None:
    """`video`, or the first half of `video/mp4`."""
    told = next((entry[key] for key in ("type", "mimeType", "mime_type") if isinstance(entry.get(key), str)), "")
    word = str(told).partition("/")[0]
    return next((type_ for type_ in (_image, _video, _audio) if type_ == word), None)


def _by_ending(url: str) -> MediaType | None:
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    return _endings.get(path.rpartition(".")[2].lower())
