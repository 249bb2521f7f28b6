"""Which workflow a job takes, by HTTP or by the executable, and how its media may travel there.

What one of the two cannot say is refused here, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kling_pipe.providers.picsart.workflows import served_kinds, workflow_of
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.transfer import Form

by_http, by_executable = "workflow", "executable"
_named_by_id = ("elements", "voices")


def choose_route(
    kind: str, model: str, parameters: Mapping[str, object], wired: Collection[str], transport: str
) -> Route | Refusal:
    """The route, or why there is none."""
    if kind not in served_kinds:
        return _refusal("kind-not-served", f"Picsart has no workflow for `{kind}`")
    heads = {field: field.partition("[")[0] for field in wired}
    strange = next((field for field, head in heads.items() if head in _named_by_id), "")
    if strange:
        message = (
            f"`{heads[strange]}` of Picsart are named by its own ids; what another service made is not known there"
        )
        return _refusal("foreign-id", message, strange)
    if transport != by_executable:
        return Route(by_http, workflow_of(kind, model, wired), has_external_id=False)
    unsaid = _unsaid(kind, parameters, heads.values())
    if unsaid:
        return _refusal("needs-http", f"{unsaid}; leave `transport: executable` out of the profile")
    return Route(by_executable, workflow_of(kind, model, wired), has_external_id=False)


def forms_of(field: str, route: Route) -> Form:
    """By address, and what is only here by the service's own storage."""
    if field.partition("[")[0] in _named_by_id:
        return Form.ID
    return Form.URL | Form.UPLOAD


def _unsaid(kind: str, parameters: Mapping[str, object], heads: Collection[str]) -> str:
    """What the executable cannot be told: it would make something else and charge for it (gen-ai-cli 2.68.1)."""
    if parameters.get("shots") == "auto":
        return "the executable leaves the prompt out where the model cuts by itself"
    if kind == "omni-video" and "references" in heads:
        return "the executable makes a first frame of every picture that `references` holds"
    return ""


def _refusal(code: str, message: str, field: str = "") -> Refusal:
    return Refusal(AnswerClass.INVALID, code, message, field=field)
