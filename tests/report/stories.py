"""A run told as events, for the views that listen: two steps made, one refused by the provider, one left out."""

from __future__ import annotations

from decimal import Decimal

from kling_pipe.events import (
    AnswerLost,
    ArtifactStored,
    Delivered,
    Event,
    FetchStarted,
    JobDone,
    JobFailed,
    JobIntended,
    JobSubmitted,
    MemberBlocked,
    MemberReady,
    RunEnded,
    RunStarted,
    TaskProgress,
)
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost

picture_cost = Cost(Decimal("0.028"), (("image", Decimal(8)),))
clip_cost = Cost(Decimal("0.21"), (("video", Decimal("1.5")),))
picture = MediaFacts(MediaType.IMAGE, "png", 1_800_000, 1360, 768)

began = 1_795_000_000.0


def mixed_run() -> tuple[Event, ...]:
    """`hero` is made, `clip` is refused by the provider, `dance` waits for `clip`, `old` was current before."""
    return (
        RunStarted(began, "", "r1", "demo", "real", 4, 1, picture_cost + clip_cost, 104.0),
        MemberReady(began, "hero", "k1"),
        JobIntended(began + 1, "hero", "kp-1", "rec", (1,), 1, "text-to-image", "kling-v3", "", picture_cost, 24.0),
        AnswerLost(began + 2, "hero", "kp-1", "timeout"),
        JobSubmitted(began + 3, "hero", "kp-1", "7001", adopted=True),
        TaskProgress(began + 4, "hero", "kp-1", "processing"),
        FetchStarted(began + 24, "hero", "kp-1", picture_cost, exact=True, spent=picture_cost),
        ArtifactStored(began + 25, "hero", "kp-1", "k1", "d1", 1, 0, picture),
        JobDone(began + 25, "hero", "kp-1", 22.0, picture_cost, exact=True),
        MemberReady(began + 25, "clip", "k2"),
        JobIntended(began + 26, "clip", "kp-2", "rec2", (1, 2), 2, "image-to-video", "kling-v3", "", clip_cost, 80.0),
        JobFailed(began + 27, "clip", "kp-2", "1301", "content [policy]", "change the prompt"),
        MemberBlocked(began + 27, "dance", "clip"),
        Delivered(began + 28, "", "out/hero.png", "d1"),
        ended(),
    )


def ended() -> RunEnded:
    return RunEnded(
        began + 28, "", "r1", 1, done=1, current=1, failed=1, blocked=1, spent=picture_cost, exact=True, seconds=28.0,
        status_requests=3,
    )  # fmt: skip
