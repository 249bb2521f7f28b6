"""Why one side may refuse alone on Kling's own road: the safest readings of kling.md, and what is known only later."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.providers.kling.endpoints import all_endpoints
from tests.agreement.suspects import Later, Reason, Suspect, is_refused_as_file


def _is_twice(suspect: Suspect) -> bool:
    """Whether a frame or a tag is named twice."""
    marked = suspect.draft.values.get("selections") or []
    names = [one.get("frame_index") for one in marked] or suspect.draft.values.get("tags") or []
    return len(set(names)) < len(names)


stricter: Mapping[str, Reason] = {
    "an own purpose": Reason(
        ("missing-key",),
        "the service makes another thing without it, and that is another kind of step",
        lambda suspect: suspect.lacks(*_purposes.get(suspect.draft.kind, ("kind",))),
    ),
    "words about no clip": Reason(
        ("needs-key",),
        "`refer_type` and `keep_original_sound` are fields of an item of video_list (section 12, omni-video)",
        lambda suspect: suspect.draft.kind == "omni-video" and suspect.lacks("video"),
    ),
    "the other standard's page": Reason(
        ("shots-with-clip", "end-frame-with-clip"),
        "the page of the path-model standard says so, that of the body-model is silent (section 12, omni-video)",
        lambda suspect: suspect.draft.kind == "omni-video",
    ),
    "the narrower standard's bounds": Reason(
        ("media-side", "media-seconds", "media-bytes", "too-many-pictures", "bad-id"),
        "what holds on the body-model road holds everywhere, so that a shorter prompt never makes a step a bad one",
        lambda suspect: suspect.endpoint not in all_endpoints,
    ),
    "an id of a voice": Reason(
        ("bad-id",),
        "those that were seen are numbers (section 12, custom-voices); words are names of the speech catalogue",
        lambda suspect: not suspect.lacks("voices", "voice"),
    ),
    "a name that is not sent": Reason(
        ("unknown-model", "model-kind"),
        "the endpoint takes no model name, and the step's would be ignored",
        lambda suspect: suspect.endpoint in all_endpoints and not all_endpoints[suspect.endpoint].has_model,
    ),
    "an own field": Reason(
        ("wrong-media",),
        "sounds, clips, elements and voices have fields of their own; to the service each is an address or an id",
        lambda suspect: suspect.draft.kind in ("voice", "element"),
    ),
    "no effect": Reason(
        ("human-fidelity-needs-subject",), "only has effect with image_reference=subject (section 12, generations)"
    ),
    "each once": Reason(
        ("frame-twice", "too-many"),
        "a frame is marked by one call (section 12, add-selection), and there are eight tags (elements.create)",
        lambda suspect: suspect.draft.kind in ("edit-elements", "element") and _is_twice(suspect),
    ),
    "rounded figures": Reason(
        ("out-of-range",),
        "the service rounds a speed into its range, and takes a decimal (section 12, tts and text-to-audio)",
        lambda suspect: suspect.draft.kind in ("speech", "lip-sync", "text-to-audio"),
    ),
    "exactly 1080p": Reason(
        ("media-size",), "1080p in 16:9 or 9:16 are two sizes (section 10, element video)",
        lambda suspect: all(
            not limits.sizes or min(facts.width, facts.height) == 1080 for facts, limits in suspect.files
        ),
    ),
}  # fmt: skip
_purposes: Mapping[str, tuple[str, ...]] = {
    "image-to-image": ("image", "references"), "multi-image-to-video": ("references",), "extend-video": ("video",),
    "expand-image": ("up_expansion_ratio", "down_expansion_ratio", "left_expansion_ratio", "right_expansion_ratio"),
}  # fmt: skip

later: Mapping[str, tuple[str, Later]] = {
    "a face that is not there": (
        "only the service sees faces",
        lambda draft, verdict, _: verdict.code == "no-such-face",
    ),
    "a spoken text": (
        "how long a text takes to speak is known when it is spoken",
        lambda draft, verdict, _: verdict.code == "sound-does-not-fit" and "text" in draft.values,
    ),
    "a sound that is not made yet": (
        "how long the sound of another step lasts is a guess: wrong seconds are a warning, and an error only of a file",
        lambda draft, _, house: is_refused_as_file(draft, "audio", house),
    ),
}
