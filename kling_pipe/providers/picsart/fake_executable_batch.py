"""`gen-ai batch`: many generations from a manifest, told only when all have ended (picsart.md section 4)."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kling_pipe.providers.picsart.fake_executable_flags import checked, read
from kling_pipe.providers.picsart.fake_executable_generate import Tool, check_required, file_name, model_named
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop

_most_bytes = 10 * 1024 * 1024
_switches = {"json": "json", "quiet": "quiet", "no-input": "no-input", "silent": "no-input", "s": "no-input",
             "no-download": "no-download", "dry-run": "dry-run"}  # fmt: skip
_texts = {"c": "concurrency", "concurrency": "concurrency", "o": "output", "output": "output"}
_own = ("id", "model")  # a job's words that are no parameters
_wait = 1800.0
Job = Mapping[str, Any]


def batch(words: Sequence[str], tool: Tool) -> Exit:
    """`run MANIFEST`, `status DIR` or `resume DIR`; ends with 0 even when jobs fail."""
    line = read(words, "batch", _switches, _texts)
    if len(line.words) != 2 or line.words[0] not in ("run", "status", "resume"):
        raise Stop(Exit.USAGE, "batch takes run MANIFEST, status DIR or resume DIR")
    act, place = line.words
    if act == "status":
        results = _results(place)
    else:
        before = _results(place) if act == "resume" else {}
        manifest = str(before.get("manifestPath", place))
        folder = place if act == "resume" else line.text("output", "output")
        done = {job["id"]: job for job in before.get("jobs", []) if job["status"] == "completed"}
        jobs = _jobs(manifest)
        if "dry-run" in line.switches:
            results = {"dryRun": True, "jobs": [{"id": job["id"], "model": job.get("model")} for job in jobs]}
        else:
            tool.client.check_credentials()
            count = _count(line.text("concurrency", "3"))
            results = _run(jobs, done, tool, folder, count, keeps="no-download" not in line.switches)
            results["manifestPath"] = manifest
            _write(folder, results)
    if "json" in line.switches:
        tool.print(results)
    else:
        tool.stdout.writelines(f"{job['id']}  {job.get('status', 'planned')}\n" for job in results["jobs"])
    return Exit.DONE


def _jobs(path: str) -> list[Job]:
    """A manifest's jobs with its defaults; raises Stop."""
    try:
        if os.stat(path).st_size > _most_bytes:
            raise Stop(Exit.VALIDATION, "The manifest is larger than 10 MB")
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError:
        raise Stop(Exit.FILE, f"File not found: {path}") from None
    except (ValueError, RecursionError):
        raise Stop(Exit.VALIDATION, "The manifest is not JSON") from None
    jobs = data.get("jobs") if isinstance(data, dict) else None
    defaults = data.get("defaults", {}) if isinstance(data, dict) else None
    if not isinstance(jobs, list) or not isinstance(defaults, dict) or not all(isinstance(job, dict) for job in jobs):
        raise Stop(Exit.VALIDATION, "The manifest needs a list of jobs")
    ids = [job.get("id") for job in jobs]
    if not all(isinstance(name, str) and name and os.path.basename(name) == name for name in ids):
        raise Stop(Exit.VALIDATION, "Every job needs an id")
    if len(set(ids)) < len(ids):
        raise Stop(Exit.VALIDATION, "Ids of jobs must be unique")
    return [{**defaults, **job} for job in jobs]


def _run(
    jobs: Sequence[Job], done: Mapping[str, Job], tool: Tool, folder: str, count: int, *, keeps: bool
) -> dict[str, Any]:
    """Makes the jobs, so many at once. Nothing is written meanwhile: a crash loses every task's id."""
    began = datetime.now(UTC).isoformat()
    rows: list[dict[str, Any]] = [{} for _ in jobs]
    numbers, lock = iter(range(len(jobs))), threading.Lock()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            job = jobs[number]
            rows[number] = dict(done[job["id"]]) if job["id"] in done else _row(job, tool, folder, keeps=keeps)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(count, len(jobs)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {"jobs": rows, "startedAt": began, "completedAt": datetime.now(UTC).isoformat()}


def _row(job: Job, tool: Tool, folder: str, *, keeps: bool) -> dict[str, Any]:
    began = time.monotonic()
    row = {
        "id": job["id"],
        "model": job.get("model"),
        "status": "failed",
        "url": None,
        "localPath": None,
        "error": None,
    }
    try:
        url = _made(job, tool)
        row |= {"status": "completed", "url": url}
        if keeps:
            os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, job["id"] + os.path.splitext(file_name(url))[1])
            tool.client.download(url, path)
            row["localPath"] = path
    except Stop as stop:
        row["error"] = stop.message
    except OSError as error:
        row["error"] = str(error)
    row["durationMs"] = int(1000 * (time.monotonic() - began))
    return row


def _made(job: Job, tool: Tool) -> str:
    """The address of what a job made. Local paths go as they are, un-uploaded (section 4, observed), and no copy to
    Drive is asked for."""
    model = model_named(str(job.get("model", "")))
    params: dict[str, Any] = {}
    for name, value in job.items():
        if name in _own:
            continue
        if name not in model.by_name:
            raise Stop(Exit.USAGE, f"Unknown parameter {name} of model {model.id}")
        params[name] = checked(model.by_name[name], value)
    check_required(model, params)
    try:
        workflow, payload = payload_of(model, params)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise Stop(Exit.VALIDATION, f"A parameter has a wrong form: {error}") from None
    ending = tool.client.wait(workflow, tool.client.submit(workflow, payload), _wait)
    if not ending.urls:
        raise Stop(Exit.GENERAL, ending.error)
    return ending.urls[0]


def _results(folder: str) -> dict[str, Any]:
    path = os.path.join(folder, "results.json")
    try:
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    except (OSError, ValueError, RecursionError):
        raise Stop(Exit.FILE, f"File not found: {path}") from None
    rows = results.get("jobs") if isinstance(results, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and {"id", "status"} <= set(row) for row in rows):
        raise Stop(Exit.VALIDATION, f"Not the results of a batch: {path}")
    return dict(results)


def _write(folder: str, results: Mapping[str, Any]) -> None:
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise Stop(Exit.USAGE, f"Invalid value {text!r} for --concurrency")
    return int(text)
