"""Why one side may refuse alone on the other roads: the safest readings of their pages, what is known only later."""

from __future__ import annotations

from collections.abc import Mapping

from tests.agreement.road import executable
from tests.agreement.suspects import Later, Reason, Suspect

_files = ("media-bytes", "media-side", "media-aspect", "media-seconds", "media-format", "media-fps", "mask-aspect")
_pictures = ("text-to-image", "image-to-image")
_nameless = ("avatar", "effects", "text-to-audio", "video-to-audio")  # picsart.md section 3: no `model_name`


def _is_picture(suspect: Suspect) -> bool:
    return suspect.draft.kind in _pictures


_own_purpose = Reason(
    ("missing-key", "image-missing"),
    "without a picture the service makes another thing, and that is another kind of step",
    lambda suspect: suspect.draft.kind in ("image-to-image", "image-to-video") and suspect.lacks("image", "references"),
)
_own_key = Reason(
    ("missing-key",), "the key is needed on every road, so that a step means the same on each",
    lambda suspect: suspect.draft.kind == "motion-control" and suspect.lacks("character_orientation"),
)  # fmt: skip
_said_sound = Reason(
    ("needs-key",), "`voices` need a written `sound` on every road, whatever is usual on one",
    lambda suspect: not suspect.lacks("voices") and suspect.lacks("sound"),
)  # fmt: skip
_about_no_clip = Reason(
    ("needs-key", "original-sound-needs-clip", "refer-type-needs-clip"),
    "`refer_type` and `keep_original_sound` speak of a clip, and there is none",
    lambda suspect: suspect.draft.kind == "omni-video" and suspect.lacks("video"),
)

stricter: Mapping[str, Mapping[str, Reason]] = {
    "runware": {
        "an own purpose": _own_purpose,
        "a key of the kind": _own_key,
        "a sound that is said": _said_sound,
        "words about no clip": _about_no_clip,
        "a mode without a resolution": Reason(
            ("not-offered",), "it has but 720p and 1080p (section 11), and makes its usual one where none is said",
            lambda suspect: suspect.draft.values.get("mode") == "4k",
        ),
        "a picture that is made smaller": Reason(
            ("media-side",), "the storage does so (section 6); by an address of its own it would be refused",
            lambda suspect: any(max(facts.width, facts.height) > 2048 for facts, _ in suspect.files),
        ),
        "a clip that nobody follows": Reason(
            ("image-missing",), "nothing is said of it (section 11), and motion control is of a character",
            lambda suspect: suspect.draft.kind == "motion-control" and suspect.lacks("image"),
        ),
        "another kind's step": Reason(
            ("model-kind",), "the service knows no kinds, and would make what the model makes of such a task"
        ),
        "shots of no told bounds": Reason(
            ("too-long", "text-too-short", "too-many", "out-of-range"),
            "their number in a prompt and the length of each are not said (section 9)",
            lambda suspect: not suspect.lacks("shots"),
        ),
        "a sound of the cheaper model": Reason(
            ("sound-mode",), "of its settings nothing is said (section 11)",
            lambda suspect: suspect.draft.kind == "motion-control" and not suspect.lacks("sound"),
        ),
    },
    "gateway": {
        "an own purpose": _own_purpose,
        "a model of some gateways": Reason(
            ("unknown-model",), "some know them (section 10), and then `models` of the profile tells of them",
            lambda suspect: suspect.draft.kind in ("text-to-video", "image-to-video"),
        ),
        "words of no told length": Reason(
            ("too-long",), "no bound is stated (section 3): the native one of the model behind stands in",
        ),
        "a size that the model does not make": Reason(
            ("not-offered",), "`size` is what the model behind takes (section 9), and its native resolutions stand in",
            lambda suspect: _is_picture(suspect) and not suspect.lacks("resolution"),
        ),
        "pictures that the model does not read": Reason(
            ("not-supported",), "what a model makes of `images` is its own affair (section 9): natively it has none",
            lambda suspect: suspect.draft.kind == "image-to-image" and not suspect.lacks("references"),
        ),
        "a picture of no told format": Reason(
            ("media-format",), "no formats are stated (section 9): those that everything reads stand in", _is_picture
        ),
    },
    "picsart": {
        "an own purpose": _own_purpose,
        "a key of the kind": _own_key,
        "a sound that is said": _said_sound,
        "words of no told length": Reason(
            ("too-long",), "`negative_prompt` and shots are free text (section 6): Kling's own bounds stand in",
            lambda suspect: not suspect.lacks("negative_prompt", "shots"),
        ),
        "words about no clip": _about_no_clip,
        "masks beside an end frame": Reason(
            ("exclusive-keys",), "Kling's own page says so of the same model (kling.md section 12, sure)",
            lambda suspect: not suspect.lacks("static_mask") and not suspect.lacks("image_tail"),
        ),
        "a mode without a resolution": Reason(
            ("unknown-value",), "it has but 720p and 1080p (section 6), and makes its usual one where none is said",
            lambda suspect: suspect.draft.values.get("mode") not in ("std", "pro"),
        ),
        "files as Kling takes them": Reason(
            _files, "nothing is said of files, and they go on to the same models: kling.md section 10 stands in"
        ),
        "what the clients drop": Reason(
            ("end-frame-mode", "end-frame-sound"),
            "the service's clients leave out an end frame in mode `std` of 2.6, and sound beside one, without a word",
            lambda suspect: not suspect.lacks("image_tail"),
        ),
        "what the executable drops": Reason(
            ("clip-excludes-mode", "clip-excludes-sound", "needs-key", "not-supported", "model-kind"),
            "what a payload has no place for (section 3) it leaves out without a word, and makes and charges the rest",
            lambda suspect: suspect.road.transport == executable,
        ),
        "elements beside voices": Reason(
            ("exclusive-keys",), "the executable drops elements there without a word (section 3)",
            lambda suspect: not suspect.lacks("voices") and not suspect.lacks("elements"),
        ),
        "an effect that nobody named": Reason(
            ("missing-key",), "the executable has a usual one (section 6), which is hardly the one that is meant",
            lambda suspect: suspect.draft.kind == "effects" and suspect.lacks("effect"),
        ),
        "a picture among several": Reason(
            ("image-excludes-references", "references-missing"),
            "to restyle one and to join several are two workflows (section 3), and the latter joins something",
            _is_picture,
        ),
        "what goes with no clip": Reason(
            ("base-excludes-frames", "shots-with-clip"),
            "Kling's own page says so of the same model (kling.md section 12, sure)"
        ),
        "an effect's own pictures": Reason(
            ("effect-pictures",), "most take one (section 8), and Kling's own page says exactly one or exactly two"
        ),
        "a name that is not sent": Reason(
            ("unknown-model", "model-kind"),
            "the workflow takes no model name, and the step's would be ignored",
            lambda suspect: suspect.draft.kind in _nameless,
        ),
    },
}  # fmt: skip
later: Mapping[str, Mapping[str, tuple[str, Later]]] = {
    "runware": {
        "a sound that is not there": (
            "only the service knows what lies in its storage",
            lambda draft, verdict, _: "voices" in draft.values and verdict.code == "invalidReferenceVoices",
        ),
    },
    "gateway": {},
    "picsart": {},
}  # fmt: skip
