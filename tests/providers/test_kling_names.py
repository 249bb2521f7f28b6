"""Every spelling that the source documents have for a model leads to it: the vendor's, the kits' and the resellers'.

The documents: the AI SDK's provider, Picsart's page, Runware's page, the skill, the gateway's page, and the list of all
of them made in November 2026. A name that says a mode or a sound sets it where the step does not.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kling_pipe.errors import Severity
from kling_pipe.values.digest import canonical
from tests.providers.kling_jobs import catalogue, step_of

_t2v, _i2v, _motion, _omni = "text-to-video", "image-to-video", "motion-control", "omni-video"
_t2i, _i2i = "text-to-image", "image-to-image"
_std, _pro, _4k = {"mode": "std"}, {"mode": "pro"}, {"mode": "4k"}
plain: Mapping[tuple[str, str], tuple[str, ...]] = {
    # kind, model: spellings
    (_t2v, "kling-v3"): ("kling-3.0", "kling-v3.0-t2v", "kling-v3.0-i2v"),
    (_i2v, "kling-v3"): ("kling-3.0", "kling-v3.0-i2v", "kling-v3-0", "kling-3"),
    (_motion, "kling-v3"): ("kling-3.0", "kling-v3.0-motion-control", "kling-motion-control-v3"),
    (_t2v, "kling-v3-turbo"): ("kling-3.0-turbo", "klingai:kling-video@3.0-turbo"),
    (_omni, "kling-v3-omni"): ("kling-3.0-omni", "kling-o3"),
    (_omni, "kling-video-o1"): ("kling-o1",),
    (_t2v, "kling-v2-6"): ("kling-2.6", "kling-v2.6", "kling-v2.6-t2v"),
    (_i2v, "kling-v2-6"): ("kling-v2.6-i2v",),
    (_motion, "kling-v2-6"): (
        "kling-2.6", "kling-v2.6-motion-control", "kling-motion-control", "kling-motion-control-v2-6",
    ),
    (_t2v, "kling-v2-5-turbo"): ("kling-2.5-turbo", "kling-v2.5-turbo-t2v", "kling-v2.5-turbo-i2v"),
    (_t2v, "kling-v2-1-master"): ("kling-v2.1-master-t2v", "kling-v2.1-master-i2v", "klingai:5@3"),
    (_i2v, "kling-v2-1"): ("kling-v2.1-i2v",),
    (_t2v, "kling-v2-master"): ("kling-v2-master-t2v", "kling-v2-master-i2v", "klingai:4@3"),
    (_t2v, "kling-v1-6"): ("kling-v1.6-t2v", "kling-v1.6-i2v"),
    (_i2v, "kling-v1-5"): ("kling-v1.5-i2v",),
    (_t2v, "kling-v1"): ("kling-v1-t2v", "kling-v1-i2v"),
    (_t2i, "kling-v3"): ("kling-image-v3", "klingai:kling-image@3"),
    # Picsart's `kling-3.0-image` submits this model, not `kling-v3`.
    (_t2i, "kling-v3-omni"): ("kling-3.0-image", "kling-image-v3-omni", "klingai:kling-image@o3"),
    (_t2i, "kling-image-o1"): ("kling-o1-image", "klingai:kling-image@o1"),
    (_t2i, "kling-v2-1"): ("kling-v2-1-image", "kling-image-v2-1"),
    (_i2i, "kling-v2-1"): ("kling-multi-image", "kling-multi-image-v2", "kling-multi-image-v2-1", "kling-v2-1-multi"),
    (_t2i, "kling-v2"): ("kling-v2-image", "kling-image-v2"),
    (_i2i, "kling-v2-new"): ("kling-v2-new-image", "kling-image-v2-new"),
    (_i2i, "kling-v1-5"): ("kling-v1-5-image", "kling-image-v1-5"),
    (_t2i, "kling-v1"): ("kling-image-v1",),
    ("lip-sync", "kling-lip-sync"): ("klingai:7@1",),
    ("avatar", "kling-avatar"): ("kling-avatar",),
    ("effects", "kling-video-effects"): ("kling-video-effects",),
    ("text-to-audio", "kling-t2a"): ("kling-t2a",),
    ("video-to-audio", "kling-v2a"): ("kling-v2a",),
}  # fmt: skip
tiers: Mapping[tuple[str, str], Mapping[str, Mapping[str, object]]] = {
    (_t2v, "kling-v3"): {
        "klingai:kling-video@3-standard": _std, "klingai:kling-video@3-pro": _pro, "klingai:kling-video@3-4k": _4k,
        "kling-v3-std-silent": {"mode": "std", "sound": False}, "kling-v3-std-audio": {"mode": "std", "sound": True},
        "kling-v3-pro-silent": {"mode": "pro", "sound": False}, "kling-v3-pro-audio": {"mode": "pro", "sound": True},
    },
    (_omni, "kling-v3-omni"): {
        "klingai:kling-video@o3-standard": _std, "klingai:kling-video@o3-pro": _pro, "klingai:kling-video@o3-4k": _4k,
    },
    (_omni, "kling-video-o1"): {"klingai:kling@o1-standard": _std, "klingai:kling@o1": _pro},
    (_t2v, "kling-v2-6"): {"klingai:kling-video@2.6-standard": _std, "klingai:kling-video@2.6-pro": _pro},
    (_motion, "kling-v2-6"): {"klingai:kling-video@2.6-standard": _std, "klingai:kling-video@2.6-pro": _pro},
    (_t2v, "kling-v2-5-turbo"): {"klingai:6@0": _std, "klingai:6@1": _pro},
    (_i2v, "kling-v2-1"): {"klingai:5@1": _std, "klingai:5@2": _pro},
    (_t2v, "kling-v1-6"): {"klingai:3@1": _std, "klingai:3@2": _pro},
    (_i2v, "kling-v1-5"): {"klingai:2@1": _std, "klingai:2@2": _pro},
    (_t2v, "kling-v1"): {"klingai:1@1": _std, "klingai:1@2": _pro},
    ("avatar", "kling-avatar"): {"klingai:avatar@2.0-standard": _std, "klingai:avatar@2.0-pro": _pro},
}  # fmt: skip
spellings = [
    *((kind, model, name, {}) for (kind, model), names in plain.items() for name in names),
    *((kind, model, name, means) for (kind, model), names in tiers.items() for name, means in names.items()),
]
_all = pytest.mark.parametrize(("kind", "model", "name", "means"), spellings, ids=[f"{s[2]} {s[0]}" for s in spellings])


@_all
def test_a_spelling_leads_to_its_model_and_says_so(
    kind: str, model: str, name: str, means: Mapping[str, object]
) -> None:
    step = step_of(kind, name, {"prompt": "x"}, ("image",))
    found = catalogue.settle(step)
    assert found is not None
    assert found.model == model
    notes = [problem for problem in catalogue.check(step, found) if problem.code == "model-alias"]
    assert [note.severity for note in notes] == ([] if name == model else [Severity.NOTE])
    for note in notes:
        words = [f"`model: {model}`", *(f"`{key}: {str(value).lower()}`" for key, value in means.items())]
        assert all(word in note.hint for word in words), note.hint


@_all
def test_a_spelling_and_the_plain_form_are_one_key(
    kind: str, model: str, name: str, means: Mapping[str, object]
) -> None:
    spelt = catalogue.settle(step_of(kind, name, {"prompt": "x"}))
    written = catalogue.settle(step_of(kind, model, {"prompt": "x", **means}))
    assert spelt is not None
    assert written is not None
    assert (spelt, canonical(spelt.parameters)) == (written, canonical(written.parameters))


@_all
def test_what_the_step_says_counts_more_than_a_spelling(
    kind: str, model: str, name: str, means: Mapping[str, object]
) -> None:
    other = {"mode": "pro" if means.get("mode") == "std" else "std"} if "mode" in means else {}
    spelt = catalogue.settle(step_of(kind, name, {"prompt": "x", **other}))
    assert spelt is not None
    assert {key: spelt.parameters[key] for key in other} == other


def test_every_name_of_the_catalogue_belongs_to_one_model_of_a_kind() -> None:
    """And each of the tiers' meanings is one that some kind of the model takes."""
    for row in catalogue.rows():
        taken = {name for kind in row.kinds for name, _ in kind.parameters}
        for name, means in row.tiers:
            assert {part.partition(":")[0] for part in means.split(", ")} <= taken, name
