"""`videoInference`: clips of every model, checked and ordered from the world (runware.md sections 9 to 11)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from kling_pipe.providers.runware import fake_clip_rules as rules
from kling_pipe.providers.runware import fake_limits, fake_prices, fake_sizes
from kling_pipe.providers.runware.fake_clip_fields import feature_clip, parameters_of
from kling_pipe.providers.runware.fake_errors import incompatible, missing, unsupported
from kling_pipe.providers.runware.fake_media import Desk
from kling_pipe.providers.runware.fake_models import ClipModel, Sort
from kling_pipe.providers.runware.fake_order import order_of
from kling_pipe.providers.runware.fake_scene import (
    Frames,
    Values,
    check_begins,
    check_count,
    check_edit,
    check_voices,
    frame,
    frames_of,
    has_sound,
    references_of,
)
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.tasks import TaskOrder

_more = 0.041  # seconds by which made clips are longer than asked, as seen of the native service


@dataclass(frozen=True, slots=True)
class Clip:
    """A checked task: what is filmed, for how long it is charged, and as what."""

    order: ClipOrder
    tier: str
    seconds: float
    function: str
    sound: bool = False
    video: bool = False  # a clip is among its inputs


async def create(task: Values, air: str, model: ClipModel, desk: Desk) -> TaskOrder:
    """The order of the clips that a task asks for; raises Rebuff."""
    values = parameters_of(task, model)
    clip = await _sorts[model.sort](values, model, desk)
    count = values.get("numberResults", 1)
    form = values.get("outputFormat", "MP4").lower()
    orders = tuple(
        replace(clip.order, label=" · ".join((clip.function, model.name, *_take(number))), written_as=form)
        for number in range(1, count + 1)
    )
    voices = bool(values["inputs"].get("referenceVoices"))
    each = fake_prices.clip(air, clip.tier, clip.seconds, sound=clip.sound, video=clip.video, voices=voices)
    wait = fake_prices.clip_wait(clip.tier, clip.seconds)
    return order_of(task, values, desk, air=air, product="video", outputs=orders, each=each, seconds=wait)


async def _classic(values: Values, model: ClipModel, desk: Desk) -> Clip:
    frames = frames_of(values, model)
    check_begins(frames, model)
    rules.check_words(values, optional=bool(frames))
    seconds = rules.seconds_of(values, model.seconds, model.usual_seconds)
    sides = rules.sides_of(values, model)
    return await _filmed(values, model, desk, frames, seconds=seconds, sides=sides)


async def _modern(values: Values, model: ClipModel, desk: Desk) -> Clip:
    """2.6 and 3.0."""
    frames = frames_of(values, model)
    sides = rules.sides_of(values, model)
    if "referenceVideos" in values["inputs"]:
        return await _moving(values, model, desk, frames)
    rules.check_orientation(values, model)
    if not model.from_text and not model.from_frames:
        raise missing("inputs.referenceVideos")
    rules.check_shot_type(values, model)
    rules.check_words(values, optional=False)
    seconds = rules.seconds_of(values, model.seconds, model.usual_seconds)
    rules.check_frame_size(sides, values, frames=bool(frames))
    shots = () if model.settings else rules.written_shots(values, seconds)
    return await _filmed(values, model, desk, frames, seconds=seconds, sides=sides, shots=shots)


async def _moving(values: Values, model: ClipModel, desk: Desk, frames: Frames) -> Clip:
    """Motion control: the figure of the first frame follows a clip. The examples give no figure at all (section 10)."""
    if "width" in values:
        raise incompatible("width", "'width' and 'height' cannot be used with 'inputs.referenceVideos'")
    if frames.last_name:
        raise incompatible("inputs.frameImages", "a last frame cannot be used with 'inputs.referenceVideos'")
    rules.check_words(values, optional=not model.from_text)
    if "duration" in values:
        rules.seconds_of(values, model.seconds, model.usual_seconds)
    await check_voices(values, desk)
    clip = await desk.file("inputs.referenceVideos[0]", values["inputs"]["referenceVideos"][0], fake_limits.motion)
    figure = await frame(frames, "first", model, desk)
    keep = values["settings"].get("keepOriginalSound", True) and clip.facts.has_sound
    facts = (figure or clip).facts
    width, height = fake_sizes.clip_like(model.tier, facts.width, facts.height)
    order = ClipOrder(
        values.get("positivePrompt", ""), width, height, clip.facts.seconds, model.fps, sound=has_sound(values, model),
        keep_sound=keep,
    )  # fmt: skip
    if figure is None:
        order = replace(order, base=clip.path, manner="edit")
    else:
        order = replace(order, motion=clip.path, character=figure.path)
    return Clip(order, model.tier, clip.facts.seconds, "motion-control", has_sound(values, model), video=True)


async def _omni(values: Values, model: ClipModel, desk: Desk) -> Clip:
    """O3."""
    inputs, settings = values["inputs"], values["settings"]
    frames, sides = frames_of(values, model), rules.sides_of(values, model)
    has_clip = "video" in inputs or "referenceVideos" in inputs
    if has_clip:
        for name in ("sound", "multiPrompt"):
            if name in settings:
                where = f"providerSettings.klingai.{name}"
                raise incompatible(where, f"'{name}' cannot be used with a reference or input video")
        check_count(inputs, 4)
    elif "keepOriginalSound" in settings:
        where = "providerSettings.klingai.keepOriginalSound"
        raise incompatible(where, "'keepOriginalSound' is only supported with a reference or input video")
    rules.check_words(values, optional=False)
    if "video" in inputs:
        check_edit(values, frames)
        return await _edited(values, model, desk, fake_limits.omni_clip)
    rules.check_frame_size(sides, values, frames=bool(frames))
    seconds = rules.seconds_of(values, model.seconds, model.usual_seconds)
    return await _filmed(
        values, model, desk, frames, seconds=seconds, sides=sides, clip_limit=fake_limits.omni_clip,
        function="reference-to-video" if has_clip or "referenceImages" in inputs else "",
    )  # fmt: skip


async def _unified(values: Values, model: ClipModel, desk: Desk) -> Clip:
    """O1, which picks its workflow from what is given (section 9)."""
    inputs, frames = values["inputs"], frames_of(values, model)
    sides = rules.sides_of(values, model)
    rules.check_words(values, optional=False)
    fast = values["settings"].get("fast", False)
    if "video" in inputs:
        check_edit(values, frames)
        if "duration" in values:
            raise incompatible("duration", "'duration' cannot be used with 'inputs.video'")
        check_count(inputs, 4)
        return await _edited(values, model, desk, fake_limits.unified_fast_edit if fast else fake_limits.unified_edit)
    if "fast" in values["settings"]:
        raise incompatible("providerSettings.klingai.fast", "'fast' is only supported with 'inputs.video'")
    refers = "referenceImages" in inputs or "referenceVideos" in inputs
    if refers and frames:
        raise incompatible("inputs.frameImages", "'inputs.frameImages' is for image-to-video only")
    if refers and "referenceImages" not in inputs:
        raise missing("inputs.referenceImages")  # one to seven (section 10), a clip beside them or not
    if refers and sides is not None:
        raise unsupported("width", "'width' and 'height' are for text-to-video only")
    if not refers and not frames and sides is None:
        raise missing("width")
    allowed = model.seconds if refers else (5, 10)
    seconds = rules.seconds_of(values, allowed, model.usual_seconds)
    return await _filmed(
        values, model, desk, frames, seconds=seconds, sides=sides, clip_limit=fake_limits.unified_reference,
        function="reference-to-video" if refers else "",
    )  # fmt: skip


async def _lips(values: Values, model: ClipModel, desk: Desk) -> Clip:
    for name in ("video", "audio"):
        if name not in values["inputs"]:
            raise missing(f"inputs.{name}")
    clip = await desk.file("inputs.video", values["inputs"]["video"], fake_limits.lips_clip)
    sound = await desk.file("inputs.audio", values["inputs"]["audio"], fake_limits.lips_sound)
    facts = clip.facts
    tier = fake_sizes.tier_of((facts.width, facts.height))
    order = ClipOrder(
        "", facts.width, facts.height, facts.seconds, 24, sound=True, base=clip.path, sound_file=sound.path,
        manner="lip-sync",
    )  # fmt: skip
    return Clip(order, "1080p" if tier == "4k" else tier, facts.seconds, "lip-sync", sound=True, video=True)


async def _avatar(values: Values, model: ClipModel, desk: Desk) -> Clip:
    for name in ("image", "audio"):
        if name not in values["inputs"]:
            raise missing(f"inputs.{name}")
    image = await desk.file("inputs.image", values["inputs"]["image"], fake_limits.pictures[model.picture_limit])
    sound = await desk.file("inputs.audio", values["inputs"]["audio"], fake_limits.avatar_sound)
    width, height = fake_sizes.clip_like(model.tier, image.facts.width, image.facts.height)
    order = ClipOrder(
        values.get("positivePrompt", ""), width, height, sound.facts.seconds, 24, sound=True, start=image.path,
        sound_file=sound.path, manner="avatar",
    )  # fmt: skip
    return Clip(order, model.tier, sound.facts.seconds, "avatar", sound=True)


_sorts: Mapping[Sort, Callable[[Values, ClipModel, Desk], Awaitable[Clip]]] = {
    Sort.CLASSIC: _classic,
    Sort.MODERN: _modern,
    Sort.OMNI: _omni,
    Sort.UNIFIED: _unified,
    Sort.LIPS: _lips,
    Sort.AVATAR: _avatar,
}


async def _filmed(
    values: Values,
    model: ClipModel,
    desk: Desk,
    frames: Frames,
    *,
    seconds: int,
    sides: tuple[int, int] | None,
    shots: rules.Shots = (),
    clip_limit: fake_limits.Limit = fake_limits.omni_clip,
    function: str = "",
) -> Clip:
    """A clip from words, frames and references."""
    inputs, settings = values["inputs"], values["settings"]
    tier = rules.clip_tier(values, model, sides)
    first, last = [await frame(frames, which, model, desk) for which in ("first", "last")]
    references = await references_of(values, model, desk)
    await check_voices(values, desk)
    clip = None
    if "referenceVideos" in inputs:
        name = "inputs.referenceVideos[0]"
        clip = await desk.file(name, feature_clip(inputs["referenceVideos"][0], name), clip_limit)
    if sides is None:
        facts = first.facts if first else references[0].facts if references else None
        sides = fake_sizes.clip_like(tier, facts.width, facts.height) if facts else fake_sizes.usual_clip(tier)
    order = ClipOrder(
        values.get("positivePrompt", ""), *sides, seconds + _more,
        (model.fps_of_frames if frames else 0) or model.fps, sound=has_sound(values, model),
        start=first.path if first else "", end=last.path if last else "", shots=shots or rules.shots_of(values),
        references=tuple(file.path for file in references), base=clip.path if clip else "",
        keep_sound=bool(clip and settings.get("keepOriginalSound") and clip.facts.has_sound),
        manner="omni" if clip else "",
    )  # fmt: skip
    function = function or ("image-to-video" if frames else "text-to-video")
    return Clip(order, tier, seconds, function, has_sound(values, model), video=clip is not None)


async def _edited(values: Values, model: ClipModel, desk: Desk, limit: fake_limits.Limit) -> Clip:
    """A clip made again by words; its size and length are its own."""
    clip = await desk.file("inputs.video", values["inputs"]["video"], limit)
    references = await references_of(values, model, desk)
    width, height = fake_sizes.clip_like(model.tier, clip.facts.width, clip.facts.height)
    order = ClipOrder(
        values["positivePrompt"], width, height, clip.facts.seconds, model.fps, base=clip.path, manner="edit",
        references=tuple(file.path for file in references),
        keep_sound=bool(values["settings"].get("keepOriginalSound") and clip.facts.has_sound),
    )  # fmt: skip
    return Clip(order, model.tier, clip.facts.seconds, "video-to-video", video=True)


def _take(number: int) -> tuple[str, ...]:
    return (f"take {number}",) if number > 1 else ()
