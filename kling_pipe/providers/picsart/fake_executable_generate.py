"""`gen-ai generate`: one generation from its command line to its files (picsart.md section 4)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO
from urllib.parse import urlsplit

from kling_pipe.providers.picsart.fake_executable_client import Client, Ending
from kling_pipe.providers.picsart.fake_executable_flags import Line, flags_of_all_models, params_of, read
from kling_pipe.providers.picsart.fake_executable_models import Model, models
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.providers.picsart.fake_executable_state import State
from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop


@dataclass(frozen=True, slots=True)
class Tool:
    """What one run of the tool has to do with: its environment, its streams, what it keeps."""

    environment: Mapping[str, str]
    stdin: TextIO | None
    stdout: TextIO
    stderr: TextIO
    state: State
    client: Client

    def print(self, data: object) -> None:
        """Results are printed over several lines."""
        self.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


_switches = {
    "no-input": "no-input", "silent": "no-input", "s": "no-input", "quiet": "quiet", "json": "json",
    "no-save-to-drive": "no-save-to-drive",
}  # fmt: skip
_texts = {
    "m": "@model", "model": "@model", "p": "prompt", "prompt": "prompt", "prompt-file": "@prompt-file",
    "download": "@download", "poll-timeout": "@poll-timeout", "max-cost": "@max-cost",
}  # fmt: skip
_units = {"": 1, "s": 1, "m": 60, "h": 3600}


def generate(words: Sequence[str], tool: Tool) -> Exit:
    """Makes one thing. What fails on the server is no failure of the tool's: it ends with 0."""
    switches, texts = flags_of_all_models()
    line = read(words, "generate", {**switches, **_switches}, {**texts, **_texts})
    if line.words:
        raise Stop(Exit.USAGE, f"Unexpected argument: {line.words[0]}")
    model = model_named(line.text("@model"))
    params = _params(model, line, tool)
    seconds = _seconds(line.text("@poll-timeout")) or (600.0 if model.mode == "image" else 1800.0)
    most = _credits(line.text("@max-cost"))
    check_required(model, params)
    local = _local_files(model, params)
    workflow, _ = payload_of(model, params)
    tool.client.check_credentials()
    if most is not None:
        _check_cost(tool.client.price(*payload_of(model, params)), most)
    for name, place in local:
        _hand_in(params, name, place, tool.client)
    began = time.monotonic()
    workflow, payload = payload_of(model, params)
    # Every single generation is copied to Picsart Drive, even with --no-save-to-drive (section 2, observed).
    payload["options"] = {"drive": {"name": model.id, "attributes": {"model": model.id}, "folder": {"path": "Gen AI"}}}
    ending = tool.client.wait(workflow, tool.client.submit(workflow, payload), seconds)
    tool.state.remember(model.id, params, _status(ending), ending.urls[0] if ending.urls else "")
    folder = line.text("@download", "output")
    for url in ending.urls:
        _saved(tool, url, folder)
    told = _told(model, ending, int(1000 * (time.monotonic() - began)))
    if "json" in line.switches:
        tool.print(told)
    else:
        tool.stdout.write(f"{ending.error or ending.urls[0]}\n")
    return Exit.DONE


def model_named(name: str) -> Model:
    """A model of the catalogue; raises Stop."""
    if not name:
        raise Stop(Exit.USAGE, "No model given", "Pass -m <model>")
    if name not in models:
        raise Stop(Exit.USAGE, f"Unknown model: {name}", "Run `gen-ai models`")
    return models[name]


def check_required(model: Model, params: Mapping[str, Any]) -> None:
    """What a model cannot do without; raises Stop."""
    for param in model.params:
        if param.required and not params.get(param.name):
            code = Exit.GENERAL if param.name == "prompt" else Exit.VALIDATION
            raise Stop(code, f"Missing required parameter: {param.name}")


def free_path(folder: str, name: str) -> str:
    """A path in a folder that nothing has yet: `name.ext`, else `name-1.ext` and on; it is taken at once."""
    os.makedirs(folder, exist_ok=True)
    stem, extension = os.path.splitext(name)
    number = 0
    while True:
        path = os.path.join(folder, f"{stem}-{number}{extension}" if number else name)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            number += 1
        else:
            return path


def file_name(url: str) -> str:
    """The file's name in an address."""
    return os.path.basename(urlsplit(url).path) or "result"


def _params(model: Model, line: Line, tool: Tool) -> dict[str, Any]:
    """The parameters of a line, its prompt from the flag, from a file, or else from whatever stdin holds."""
    switches = line.switches - set(_switches.values())
    texts = {name: given for name, given in line.texts.items() if name != "prompt" and not name.startswith("@")}
    params: dict[str, Any] = params_of(model, Line(switches=switches, texts=texts))
    prompt = _prompt(line, tool.stdin)
    asked = model.by_name.get("prompt")
    if asked and prompt:
        if len(prompt) > asked.most:
            raise Stop(Exit.VALIDATION, f"prompt must not exceed {asked.most} characters")
        params["prompt"] = prompt
    return params


def _prompt(line: Line, stdin: TextIO | None) -> str:
    try:
        if "@prompt-file" in line.texts and "prompt" not in line.texts:
            with open(line.text("@prompt-file"), encoding="utf-8") as file:
                return file.read().strip()
        if "prompt" in line.texts or stdin is None or stdin.isatty():
            return line.text("prompt")
        return stdin.read().strip()  # waits for as long as the other end is open
    except OSError:
        raise Stop(Exit.FILE, f"File not found: {line.text('@prompt-file')}") from None
    except ValueError:
        raise Stop(Exit.VALIDATION, "The prompt is not text") from None


def _local_files(model: Model, params: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Where the parameters name local files that have to be handed in first; raises Stop for what is neither."""
    found: list[tuple[str, int | None]] = []
    for param in model.params:
        value = params.get(param.name)
        if param.kind == "file" and value is not None:
            places = enumerate(value) if isinstance(value, list) else [(None, value)]
            found += [(param.name, place) for place, text in places if not _is_address(text, is_file=True)]
        if param.kind == "list":
            for item in value or ():
                for name in ("image_url", "video_url"):
                    if name in item:
                        _is_address(item[name], is_file=False)
    return found


def _is_address(text: str, *, is_file: bool) -> bool:
    if text.startswith(("http://", "https://")):
        return True
    if not is_file or not os.path.isfile(text):
        raise Stop(Exit.FILE, f"File not found: {text}", "Pass a local path or an http(s) URL")
    return False


def _hand_in(params: dict[str, Any], name: str, place: int | None, client: Client) -> None:
    if place is None:
        params[name] = client.upload(params[name])
    else:
        params[name][place] = client.upload(params[name][place])


def _saved(tool: Tool, url: str, folder: str) -> None:
    try:
        tool.client.download(url, free_path(folder, file_name(url)))
    except OSError as error:
        tool.stderr.write(f"could not download the result: {error}\n")


def _told(model: Model, ending: Ending, took: int) -> dict[str, object]:
    if ending.timeout:
        return {
            "error": ending.error, "taskId": ending.task_id, "model": model.id, "durationMs": took, "status": "timeout",
        }  # fmt: skip
    if ending.error:
        return {"error": ending.error, "model": model.id, "durationMs": took}
    results = [{"url": url, "type": model.mode} for url in ending.urls]
    return {"url": ending.urls[0], "model": model.id, "results": results, "durationMs": took}


def _status(ending: Ending) -> str:
    return "timeout" if ending.timeout else "failed" if ending.error else "completed"


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if text and not found:
        raise Stop(Exit.USAGE, f"Invalid value {text!r} for --poll-timeout", "Write 30m, 90s, 1h or 45")
    return float(found[1]) * _units[found[2]] if found else 0.0


def _credits(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise Stop(Exit.USAGE, f"Invalid value {text!r} for --max-cost") from None


def _check_cost(price: float, most: float) -> None:
    if not price <= most:
        raise Stop(Exit.USAGE, f"Estimated cost {price:g} credits exceeds --max-cost {most:g}")
