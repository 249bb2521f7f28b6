"""Plans on paper: written with everything they were made from, read again, and refused when anything has drifted."""

from __future__ import annotations

import json
import os
from typing import Any

from kling_pipe import __version__
from kling_pipe.api.options import Options
from kling_pipe.api.outputs import refuse_no_file, write_whole
from kling_pipe.api.planning import PlanResult, Prepared, opened, prepare, result_of
from kling_pipe.api.workspace import read_text
from kling_pipe.errors import Problem, Refused, UsageFailure
from kling_pipe.plan.bound import (
    BoundPlan,
    bound_format,
    bound_from_json,
    bound_to_json,
    digest_of_document,
    jobs_of,
    members_of,
)
from kling_pipe.plan.bound import PaperPlan as PaperPlan
from kling_pipe.plan.drift import drift
from kling_pipe.story.storyboard import InputFile
from kling_pipe.values.digest import bytes_digest


def plan_on_paper(path: str, options: Options, output: str) -> PlanResult:
    """Plans a storyboard, as `plan` does, and writes the plan into a file; an earlier plan there is replaced."""
    refuse_no_file(output)
    if os.path.isfile(output) and read_document(read_text(output, "file")) is None:
        message = f"`{output}` is there already, and it is no plan"
        raise UsageFailure("in-the-way", message, hint="choose another name; a plan that lies there would be replaced")
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        prepared = prepare(loaded, options, ledger, store, 1.0 / options.speed if options.simulate else 1.0)
        write_paper(output, bind(prepared, options, os.path.dirname(os.path.abspath(output))))
        return result_of(prepared, options)


def bind(prepared: Prepared, options: Options, folder: str) -> BoundPlan:
    """The plan on paper, for a file in a folder."""
    loaded, plan = prepared.loaded, prepared.plan
    own = os.path.dirname(plan.storyboard.path)
    lock_text = loaded.lock_file.text()
    return BoundPlan(
        version=__version__,
        realm=str(plan.realm),
        storyboard=_from(folder, plan.storyboard.path),
        only=options.only,
        provider=options.provider,
        texts={_from(own, path): bytes_digest(text.encode()) for path, text in loaded.workspace.texts.items()},
        inputs={
            _from(own, reference.path) if isinstance(reference, InputFile) else known.url: known.digest
            for reference, known in prepared.inputs.items()
        },
        lock=(_from(own, loaded.lock_file.path), bytes_digest(lock_text.encode()) if lock_text else ""),
        members=members_of(plan, loaded.lock),
        jobs=tuple(jobs_of(plan)),
        estimate=plan.estimate,
        exact=plan.exact,
    )


def write_paper(path: str, bound: BoundPlan) -> None:
    """Writes the document, in place at once or not at all."""
    write_whole(path, [(json.dumps(bound_to_json(bound), indent=2, ensure_ascii=False) + "\n").encode()])


def read_paper(path: str) -> PaperPlan | None:
    """The plan in a file; None where the file is something else. Raises UsageFailure when it is damaged."""
    text = read_text(path, "storyboard")
    hint = "plan again: `kling-pipe plan STORYBOARD -o PLAN`"
    try:
        data = read_document(text)
        if data is None:
            return None
        if data["plan"] != bound_format:
            message = f"the plan `{path}` has format {data['plan']}, this version reads {bound_format}"
            raise UsageFailure("plan-format", message, hint="use the version of kling-pipe that wrote it")
        if data.get("digest") != digest_of_document(data):
            message = f"the plan `{path}` is not as it was written: its digest is that of another text"
            raise UsageFailure("plan-damaged", message, hint=hint)
        bound = bound_from_json(data)
    except (ValueError, ArithmeticError) as error:
        raise UsageFailure("plan-damaged", f"the plan `{path}` cannot be read: {error}", hint=hint) from error
    storyboard = os.path.normpath(os.path.join(os.path.dirname(path), bound.storyboard))
    if not os.path.exists(storyboard):
        message = f"the storyboard of the plan `{path}` is not at `{storyboard}`"
        raise UsageFailure(
            "file-missing", message, hint="a plan stays where it was written, as seen from its storyboard"
        )
    return PaperPlan(path, storyboard, bound)


def read_document(text: str) -> dict[str, Any] | None:
    """The JSON of a plan; None for a text that is no plan. Raises ValueError for one that was a plan and broke."""
    if not text.lstrip().startswith("{") or '"kling_pipe"' not in text:
        return None
    data = json.loads(text)
    return data if isinstance(data, dict) and "plan" in data and "jobs" in data else None


def refuse_drift(prepared: Prepared, options: Options, paper: PaperPlan) -> None:
    """Raises Refused with everything that is not as it was planned; nothing was sent."""
    now = bind(prepared, options, os.path.dirname(prepared.plan.storyboard.path))
    problems = list(drift(paper.bound, now, prepared.plan))
    if not problems:
        return
    last = problems[-1]
    hint = f"nothing was spent; plan again and look at it: `{paper.again}`"
    raise Refused.of([*problems[:-1], Problem(last.code, last.message, last.span, hint)])


def _from(folder: str, path: str) -> str:
    """A path as seen from a folder, with slashes on every system."""
    return os.path.relpath(os.path.abspath(path), os.path.abspath(folder)).replace(os.sep, "/")
