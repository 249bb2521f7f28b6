"""Why the request of a step has no way on a road, and what its way is to be told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.knowledge import Seat
from kling_pipe.plan.plan import Planned, Source
from kling_pipe.story.kinds import kinds
from kling_pipe.story.storyboard import InputFile, Step, StepOutput, Storyboard, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.media import MediaType, named_by_id
from kling_pipe.values.transfer import Form

of_makers = frozenset({"made-elsewhere", "needs-own-clip"})  # where it has to be made is settled by what is wired
uploader_hint = "an uploader is `uploads: {to: s3://…}` or `{directory: …, base_url: …}` in `kling-pipe.yaml`"
simulated_hint = f"{uploader_hint}; `--simulate` has its own"
_key_hint = "set an API key; the access key pair cannot use this model's endpoints"


def no_way(step: Step, refusal: Refusal, *, may_simulate: bool) -> Problem:
    """An adapter's refusal of a route, at the field it is about."""
    hints = {"needs-api-key": _key_hint, "needs-url": simulated_hint if may_simulate else uploader_hint}
    place = next((wire.span for wire in step.wires if wire.field == refusal.field), None) or step.span_of("model")
    return Problem(refusal.code, refusal.message, place, hints.get(refusal.code, ""))


def assumed_id(step: Step, kind: str, model: str, remark: str) -> Problem:
    """A route's remark that the service's own id of the model is not published."""
    hint = f"name the id in the profile: `models: {{{kind}/{model}: ID}}`"
    return Problem("model-id-assumed", remark, step.span_of("model"), hint, Severity.NOTE)


def not_its_own(
    seat: Seat, kind: str, route: Route, sources: Sequence[Source], members: Mapping[str, Planned]
) -> Iterator[Problem]:
    """What only the service's own id can name must have been made there, and not too long ago."""
    for source in sources:
        is_card = source.wire.takes in named_by_id
        if not is_card and seat.forms(kind, source.wire.field, route) is not Form.ID:
            continue
        maker = members[source.member] if source.member else None
        if maker is not None and maker.provider != seat.provider:
            message = (
                f"`{source.wire.field}` takes what `{seat.provider}` itself has made, and `{source.member}` is made"
                f" on `{maker.provider}`"
            )
            yield Problem("made-elsewhere", message, source.wire.span, "give both steps the same `provider`")
        elif not is_card and (source.select or maker is None or (source.digest and not source.output_id)):
            message = f"`{source.wire.field}` takes a clip that the service made within the last 30 days"
            hint = "wire a step's clip, such as `video: steps.clip`; a file or an older clip cannot be handed over"
            yield Problem("needs-own-clip", message, source.wire.span, hint)


def is_only_here(wire: Wire, storyboard: Storyboard) -> bool:
    """Whether a file has no address that a service could fetch it from: what a step makes has one for a while, what is
    cut out of a clip has none."""
    reference = wire.reference
    if wire.takes in named_by_id:
        return False
    if isinstance(reference, StepOutput):
        return bool(reference.part) and kinds[storyboard.members[reference.member].kind].makes is MediaType.VIDEO
    return isinstance(reference, InputFile)
