"""What the next run of an unchanged storyboard has to look at, noted so that it need not read the text."""

from __future__ import annotations

import os

from kling_pipe.api import current
from kling_pipe.api.options import Options
from kling_pipe.api.planning import Prepared
from kling_pipe.api.profiles import files_of_plugins
from kling_pipe.api.workspace import read_text
from kling_pipe.edge.store import Store, file_digest
from kling_pipe.errors import UsageFailure
from kling_pipe.run.machine import Machine
from kling_pipe.story.project import project_file_name


def remember(prepared: Prepared, options: Options, machine: Machine, store: Store, lock_text: str | None) -> None:
    """Takes the note after a run that made everything; `lock_text` is the lock as that run has written it."""
    plan, workspace = prepared.plan, prepared.loaded.workspace
    folder = os.path.dirname(plan.storyboard.path)
    watched = [
        store.path(file.digest)
        for member in machine.members.values()
        for artifact in member.artifacts.values()
        for file in artifact.files
    ]
    watched += [os.path.join(folder, delivery.path) for delivery, _ in plan.deliveries]
    watched += files_of_plugins({member.provider for member in plan.members.values()})
    inputs = [known.path for known in prepared.inputs.values() if known.path]
    if options.only or options.provider or any(known.url for known in prepared.inputs.values()):
        return
    current.remember(
        workspace.home,
        plan.storyboard.path,
        str(plan.realm),
        [
            *workspace.texts,
            prepared.loaded.lock_file.path,
            *_project_candidates(workspace.project.path, plan.storyboard.path),
        ],
        inputs,
        watched,
        (len({member.step.id for member in plan.members.values()}), len(plan.members)),
        [delivery.path for delivery, _ in plan.deliveries],
    )
    if not _is_as_planned(prepared, lock_text):
        current.forget(workspace.home, plan.storyboard.path, str(plan.realm))


def _is_as_planned(prepared: Prepared, lock_text: str | None) -> bool:
    """Whether texts and inputs are still those the plan was made from; the note was taken of what is there now."""
    workspace = prepared.loaded.workspace
    try:
        texts = all(read_text(path, "text") == text for path, text in workspace.texts.items())
        texts = texts and prepared.loaded.lock_file.text() == lock_text
        inputs = all(file_digest(known.path) == known.digest for known in prepared.inputs.values() if known.path)
    except (OSError, UsageFailure):
        return False
    candidates = _project_candidates(workspace.project.path, prepared.plan.storyboard.path)
    return texts and inputs and not any(os.path.exists(path) for path in candidates)


def _project_candidates(project_path: str, storyboard_path: str) -> list[str]:
    """Where a project file would change the plan if one appeared: in every folder that is searched before the one
    that has it."""
    ends = os.path.dirname(os.path.abspath(project_path)) if project_path else ""
    folder, found = os.path.dirname(storyboard_path), []
    while folder != ends:
        found.append(os.path.join(folder, project_file_name))
        if folder == os.path.dirname(folder):
            break
        folder = os.path.dirname(folder)
    return found
