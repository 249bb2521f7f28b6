"""The stand-in for `gen-ai` without a service: its command line, catalogue and exit codes (picsart.md 4, 6, 7)."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kling_pipe.providers.picsart.fake_executable import main
from kling_pipe.providers.picsart.fake_executable_flags import flags_of_all_models, params_of, read
from kling_pipe.providers.picsart.fake_executable_models import models
from kling_pipe.providers.picsart.fake_executable_payloads import payload_of
from kling_pipe.providers.picsart.fake_executable_stops import Exit, Stop

made = ("generate", "--no-input", "--quiet", "--json")
wide = "https://elsewhere.test/wide.png"


def run(*words: str, stdin: io.StringIO | None = None, **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    return main(words, environment, stdin, out, err), out.getvalue(), err.getvalue()


def refused(*words: str, home: Path, **environment: str) -> tuple[int, str]:
    """Exit code and error of a run that says why on one compact line."""
    code, out, err = run(*words, HOME=str(home), **environment)
    data = json.loads(out)
    assert (out.count("\n"), data["code"], err) == (1, code, "")
    return code, data["error"]


def written(model: str, *words: str) -> dict[str, Any]:
    """The payload that a command line comes to."""
    switches, texts = flags_of_all_models()
    return payload_of(models[model], params_of(models[model], read(words, "generate", switches, texts)))[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-m", "kling-v9", "-p", "p"), (2, "Unknown model: kling-v9")),
        ((), (2, "No model given")),
        (("-m", "kling-v3", "-p", "p", "--ar", "4:3"), (2, "Invalid value '4:3' for aspectRatio")),
        (("-m", "kling-v3", "-p", "p", "-d", "16"), (2, "Invalid value '16' for duration")),
        (("-m", "kling-v2-6", "-p", "p", "-d", "8"), (2, "Invalid value '8' for duration")),
        (("-m", "kling-t2a", "-p", "p", "-d", "2"), (6, "duration must be between 3 and 10")),
        (("-m", "kling-t2a", "-p", "p", "-d", "3.2"), (6, "duration must be a multiple of 0.5")),
        (("-m", "kling-v3", "-p", "p", "-r", "4k"), (2, "Option --resolution is not supported by model kling-v3")),
        (("-m", "kling-v3", "-p"), (2, "Option -p needs a value")),
        (("-m", "kling-v3", "-p", "p", "--multi-shot=true"), (2, "Option --multi-shot takes no value")),
        (("-m", "kling-video-effects", "--style", "emoji", "-i", wide),
         (2, "Option --style is not supported by model kling-video-effects")),
        (("-m", "kling-v3", "-p", "p", "--poll-timeout", "soon"), (2, "Invalid value 'soon' for --poll-timeout")),
        (("-m", "kling-v3", "-p", "p", "--max-cost", "much"), (2, "Invalid value 'much' for --max-cost")),
        (("-m", "kling-v3"), (1, "Missing required parameter: prompt")),
        (("-m", "kling-v3", "-p", ""), (1, "Missing required parameter: prompt")),
        (("-m", "kling-v3", "-p", "p" * 2501), (6, "prompt must not exceed 2500 characters")),
        (("-m", "kling-avatar", "-i", wide), (6, "Missing required parameter: audioUrl")),
        (("-m", "kling-avatar", "-i", wide, "-i", wide, "-a", wide), (6, "imageUrls takes at most 1")),
        (("-m", "kling-v3", "-p", "p", "--multi-shot"), (6, "multiShot needs an explicit shotType")),
        (("-m", "kling-v3", "-p", "p", "--multi-shot", "--shot-type", "customize", "--multi-prompt-prompt", "a"),
         (6, "Every shot of multiPrompt needs a prompt and a duration")),
        (("-m", "kling-v3", "-p", "p", "--start-frame", wide, "--end-frame", wide),
         (6, "endFrame is not available with renderingSpeed std")),
        (("-m", "kling-v3", "-p", "p", "--start-frame", "missing.png"), (8, "File not found: missing.png")),
        (("-m", "kling-v3-omni", "-p", "p", "--omni-image-list-image-url", "a.png"), (8, "File not found: a.png")),
        (("-m", "kling-v3", "--prompt-file", "missing.txt"), (8, "File not found: missing.txt")),
        (("-m", "kling-v3", "-p", "p", "more"), (2, "Unexpected argument: more")),
        (("-m", "kling-v3", "-p", "p"), (3, "Not authenticated: PICSART_ACCESS_TOKEN is not set")),
    ],
)  # fmt: skip
def test_a_line_is_refused_with_a_code_of_its_own(
    tmp_path: Path, words: tuple[str, ...], expected: tuple[int, str]
) -> None:
    assert refused(*made, *words, home=tmp_path) == expected


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ((*made, "-m", "kling-v3", "-p", "p", "--no-download"), "--no-download"),
        ((*made, "-m", "kling-v3", "-p", "p", "--multi-prompt", "[]"), "--multi-prompt"),
        ((*made, "-m", "kling-v3-omni", "-p", "p", "--omni-image-list", "[]"), "--omni-image-list"),
        ((*made, "--script", "-m", "kling-v3"), "--script"),
        ((*made, "--d", "5", "-m", "kling-v3"), "--d"),
        (("pricing", "kling-v3", "-d", "5", "--json"), "-d"),
        (("pricing", "kling-v3", "--rendering-speed", "pro", "--json"), "--rendering-speed"),
    ],
)
def test_an_unknown_flag_is_a_card_on_stderr(words: tuple[str, ...], flag: str) -> None:
    code, out, err = run(*words)
    assert (code, out, f"Unknown option: {flag}" in err) == (2, "", True)


@pytest.mark.parametrize(
    "address", ["http://api.picsart.com", "https://api.picsart.com", "ftp://localhost", "localhost", "", "http://["]
)
def test_the_stand_in_never_speaks_to_another_machine(tmp_path: Path, address: str) -> None:
    words = (*made, "-m", "kling-t2a", "-p", "p")
    signed = {"PICSART_ACCESS_TOKEN": "t", "PICSART_USER_ID": "u", "GEN_AI_API_URL": address}
    code, error = refused(*words, home=tmp_path, **signed)
    assert code == (4 if address.startswith("https") else 2), error


def test_what_is_piped_in_becomes_the_prompt(tmp_path: Path) -> None:
    code, out, _ = run(*made, "-m", "kling-t2a", stdin=io.StringIO("rain\n"), HOME=str(tmp_path))
    assert (code, json.loads(out)["error"]) == (3, "Not authenticated: PICSART_ACCESS_TOKEN is not set")


def test_every_name_of_a_flag_means_the_same() -> None:
    several = [
        ("--aspect-ratio", "1:1", "--negative-prompt", "n", "--no-generate-audio", "--rendering-speed", "pro"),
        ("--ar", "1:1", "--neg", "n", "--no-audio-gen", "--speed", "pro"),
        ("--ar=1:1", "--neg-prompt=n", "--no-audio-gen", "--speed=pro"),
    ]
    payloads = [written("kling-v3", "-p", "p", *words) for words in several]
    assert payloads == [payloads[0]] * 3
    assert payloads[0] == {
        "prompt": "p", "negative_prompt": "n", "aspect_ratio": "1:1", "duration": "5", "mode": "pro",
        "model_name": "kling-v3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "words", "expected"),
    [
        ("kling-v3", ("-p", "p"), {
            "prompt": "p", "aspect_ratio": "16:9", "duration": "5", "sound": "on", "mode": "std",
            "model_name": "kling-v3"}),
        ("kling-v3", ("-p", "p", "--multi-shot", "--shot-type", "customize", "--multi-prompt-prompt", "a",
                      "--multi-prompt-duration", "2", "--multi-prompt-prompt", "b", "--multi-prompt-duration", "3",
                      "--voice-list", "7", "--no-generate-audio"), {
            "multi_shot": True, "shot_type": "customize", "multi_prompt": [
                {"index": 0, "prompt": "a", "duration": "2"}, {"index": 1, "prompt": "b", "duration": "3"}],
            "aspect_ratio": "16:9", "duration": "5", "mode": "std", "model_name": "kling-v3"}),
        ("kling-v3", ("-p", "p", "--start-frame", wide, "--element-list", "1", "--element-list", "2"), {
            "prompt": "p", "aspect_ratio": "16:9", "duration": "5", "sound": "on", "mode": "std", "image": wide,
            "element_list": [{"element_id": "1"}, {"element_id": "2"}], "model_name": "kling-v3"}),
        ("kling-v3-omni", ("-p", "p", "-r", "4k", "--omni-image-list-image-url", wide, "--omni-image-list-image-url",
                           wide, "--omni-image-list-type", "first_frame"), {
            "prompt": "p", "duration": "5", "mode": "4k", "model_name": "kling-v3-omni",
            "image_list": [{"image_url": wide, "type": "first_frame"}, {"image_url": wide}]}),
        ("kling-v3-omni", ("-p", "p", "-r", "4k", "--audio-gen", "--omni-video-list-video-url", wide,
                           "--omni-video-list-refer-type", "base", "--omni-video-list-keep-original-sound", "yes"), {
            "prompt": "p", "mode": "std", "model_name": "kling-v3-omni",
            "video_list": [{"video_url": wide, "refer_type": "base", "keep_original_sound": "yes"}]}),
        ("kling-motion-control", ("-i", wide, "--video", wide, "-r", "1080p", "--keep-audio", "no"), {
            "image_url": wide, "video_url": wide, "character_orientation": "video", "mode": "std",
            "keep_original_sound": "no", "model_name": "kling-v2-6"}),
        ("kling-video-effects", ("-i", wide, "-i", wide, "--template-id", "hug_pro"), {
            "effect_scene": "hug_pro", "images": [wide, wide]}),
        ("kling-v2-new-image", ("-p", "p", "-n", "3", "-i", wide, "--weight", "35", "--fidelity", "0.2"), {
            "prompt": "p", "n": 3, "aspect_ratio": "16:9", "image": wide, "image_reference": "subject",
            "image_fidelity": 0.35, "human_fidelity": 0.2, "model_name": "kling-v2-new"}),
        ("kling-t2a", ("-p", "p", "-d", "4.5"), {"prompt": "p", "duration": 4.5}),
    ],
)  # fmt: skip
def test_a_line_comes_to_a_payload(model: str, words: tuple[str, ...], expected: dict[str, Any]) -> None:
    assert written(model, *words) == expected


def test_the_catalogue_is_told_without_credentials() -> None:
    code, out, _ = run("models", "--json")
    rows = json.loads(out)
    assert (code, len(rows)) == (0, 19)
    assert rows[0] == {
        "id": "kling-v3", "name": "Kling V3", "provider": "Kling", "mode": "video", "inputType": "t2v",
        "disabled": False, "workflow": "kling-text-to-video",
    }  # fmt: skip
    info = json.loads(run("models", "info", "kling-v3", "--json")[1])
    assert info["paramConfig"]["renderingSpeed"] == {"kind": "enum", "values": ["std", "pro", "4k"], "default": "4k"}
    assert (info["schema"]["required"], info["schema"]["properties"]["voiceList"]) == (["prompt"], {"type": "array"})


def test_a_program_to_be_named_in_a_profile_is_written(tmp_path: Path) -> None:
    path = str(tmp_path / "gen-ai")
    assert run("stand-in", path) == (0, f"{path}\n", "")
    assert os.access(path, os.X_OK)
    assert run("stand-in", str(tmp_path / "no" / "gen-ai"))[0] == 8


@pytest.mark.parametrize("words", [(), ("dream",), ("batch",), ("pricing",), ("models", "info"), ("models", "x"),
                                   ("stand-in",), ("batch", "status", "nowhere"), ("models", "info", "x")])  # fmt: skip
def test_a_command_that_is_none_is_a_usage_error(words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out, bool(err)) == (8 if "nowhere" in words else 2, "", True)


def test_whatever_is_written_behind_the_command_ends_in_an_exit_code(tmp_path: Path) -> None:
    switches, texts = flags_of_all_models()
    odd = ("", "-", "--", "²", "9" * 40, "nan", "-1", wide, "--json", "a.png")
    for model in models.values():
        for number, flag in enumerate(sorted({*switches, *texts})):
            dashes = "-" if len(flag) == 1 else "--"
            word = odd[number % len(odd)]
            values = (dashes + flag, word) if flag in texts else (dashes + flag,)
            code, _, _ = run(*made, "-m", model.id, "-p", "p", *values, HOME=str(tmp_path))
            assert code in (1, 2, 3, 6, 8), (model.id, values)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", '{"jobs": [1]}', '{"jobs": {}}', '{"jobs": [{"id": "a"}, {"id": "a"}]}',
        '{"jobs": [{"id": "../a"}]}', '{"jobs": [{"id": 7}]}',
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text)
    for words in (("run", str(tmp_path / "results.json")), ("resume", str(tmp_path))):
        assert run("batch", *words, "--json", HOME=str(tmp_path))[0] in (6, 8)


def test_a_stop_knows_its_hint() -> None:
    assert Stop(Exit.AUTH, "m", "h").line == '{"error":"m","code":3,"hint":"h"}'
