"""`gen-ai models`, `models info`, `pricing` and `history` (picsart.md section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kling_pipe.providers.picsart.fake_executable_flags import read
from kling_pipe.providers.picsart.fake_executable_generate import Tool, model_named
from kling_pipe.providers.picsart.fake_executable_models import Model, Param, models
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop

_plain = {"json": "json", "quiet": "quiet"}
_types = {"text": "string", "file": "string", "boolean": "boolean", "range": "number", "list": "array"}
_speeds = {"720p": "std", "1080p": "pro", "4k": "4k"}


def list_models(words: Sequence[str], tool: Tool) -> Exit:
    """The catalogue, or one model of it; works without credentials and without a network."""
    line = read(words, "models", _plain, {})
    if line.words[:1] == ["info"]:
        if len(line.words) != 2:
            raise Stop(Exit.USAGE, "models info takes one model")
        model = model_named(line.words[1])
        params = {param.name: _config(param) for param in model.params}
        told: object = {**model.row(), "paramConfig": params, "schema": _schema(model)}
    elif line.words:
        raise Stop(Exit.USAGE, f"Unexpected argument: {line.words[0]}")
    else:
        told = [model.row() for model in models.values()]
    if "json" in line.switches:
        tool.print(told)
    else:
        chosen = models.values() if isinstance(told, list) else [model]
        tool.stdout.writelines(f"{model.id}  {model.name}\n" for model in chosen)
    return Exit.DONE


def price(words: Sequence[str], tool: Tool) -> Exit:
    """What a generation costs. `-d` and `--rendering-speed` of the seed page are unknown here (section 4)."""
    line = read(words, "pricing", {**_plain, "audio": "audio"}, {"duration": "duration", "resolution": "resolution"})
    if len(line.words) != 1:
        raise Stop(Exit.USAGE, "pricing takes one model")
    model = model_named(line.words[0])
    asked = _asked(model, line.texts, sound="audio" in line.switches)
    tool.client.check_credentials()
    whole = tool.client.price(*payload_of(model, asked))
    ends = [tool.client.price(*payload_of(model, params)) for params in (_cheapest(model), _dearest(model))]
    told: dict[str, object] = {name: model.row()[name] for name in ("id", "name", "provider", "mode")}
    told["creditRange"] = {"min": min(*ends, whole), "max": max(*ends, whole), "unit": "credits"}
    if line.texts or line.switches - {"json", "quiet"}:
        told["context"] = {name: asked[name] for name in sorted(asked)}
    if "duration" in line.texts:
        told |= {"totalCredits": whole, "duration": asked.get("duration")}
    if "json" in line.switches:
        tool.print(told)
    else:
        tool.stdout.write(f"{model.id}: {whole:g} credits\n")
    return Exit.DONE


def show_history(words: Sequence[str], tool: Tool) -> Exit:
    """Every generation of this home, without the ids of its tasks."""
    line = read(words, "history", _plain, {})
    entries = tool.state.history()
    if "json" in line.switches:
        tool.print(entries)
    else:
        tool.stdout.writelines(f"{entry['createdAt']}  {entry['model']}  {entry['status']}\n" for entry in entries)
    return Exit.DONE


def _asked(model: Model, texts: Mapping[str, list[str]], *, sound: bool) -> dict[str, Any]:
    params: dict[str, Any] = {"generateAudio": sound} if "generateAudio" in model.by_name else {}
    if "duration" in texts:
        if "duration" not in model.by_name:
            raise Stop(Exit.USAGE, f"Option --duration is not supported by model {model.id}")
        params["duration"] = _known(model.by_name["duration"], texts["duration"][-1])
    for text in texts.get("resolution", [])[-1:]:
        if "resolution" in model.by_name:
            params["resolution"] = _known(model.by_name["resolution"], text)
        elif "renderingSpeed" not in model.by_name:
            raise Stop(Exit.USAGE, f"Option --resolution is not supported by model {model.id}")
        if "renderingSpeed" in model.by_name:
            speeds = model.by_name["renderingSpeed"].values
            speed = _speeds.get(text, "")
            if speed not in speeds and "resolution" not in params:
                raise Stop(Exit.USAGE, f"Invalid value {text!r} for resolution")
            params["renderingSpeed"] = speed if speed in speeds else speeds[-1]
    return params


def _known(param: Param, text: str) -> object:
    if param.kind == "range":
        try:
            return float(text)
        except ValueError:
            raise Stop(Exit.USAGE, f"Invalid value {text!r} for {param.name}") from None
    found = next((value for value in param.values if str(value) == text), None)
    if found is None:
        raise Stop(Exit.USAGE, f"Invalid value {text!r} for {param.name}")
    return found


def _cheapest(model: Model) -> dict[str, Any]:
    return _at_end(model, first=True)


def _dearest(model: Model) -> dict[str, Any]:
    return _at_end(model, first=False)


def _at_end(model: Model, *, first: bool) -> dict[str, Any]:
    """The cheapest or the dearest of what bears on the price."""
    params: dict[str, Any] = {}
    for name in ("duration", "resolution", "renderingSpeed", "count"):
        param = model.by_name.get(name)
        if param and param.kind == "enum":
            params[name] = param.values[0 if first else -1]
        elif param:
            params[name] = param.low if first else param.high
    if "generateAudio" in model.by_name:
        params["generateAudio"] = not first
    return params


def _config(param: Param) -> dict[str, object]:
    told: dict[str, object] = {"kind": "object" if param.kind == "list" else param.kind}
    told |= {"required": True} if param.required else {}
    told |= {"values": list(param.values)} if param.values else {}
    told |= {"default": param.default} if param.default is not None else {}
    told |= {"accept": param.accept} if param.accept else {}
    if param.most:
        told["maxLength" if param.kind == "text" else "maxItems"] = param.most
    if param.kind == "range":
        told |= {"min": param.low, "max": param.high, "step": param.step}
    return told


def _schema(model: Model) -> dict[str, object]:
    properties: dict[str, dict[str, object]] = {}
    for param in model.params:
        told: dict[str, object] = {"type": _types.get(param.kind, "array" if param.many else "string")}
        if param.values:
            told = {"enum": list(param.values)}
        properties[param.name] = told
    required = [param.name for param in model.params if param.required]
    return {"type": "object", "properties": properties, "required": required}
