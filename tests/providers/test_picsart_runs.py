"""Runs of Picsart's executable and what they came to: every trap of picsart.md section 4."""

from __future__ import annotations

import json

import pytest

from kling_pipe.providers.picsart.runs import values_in
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Output, Phase, Route, TaskState
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cost
from kling_pipe.values.wire import Response
from tests.providers.picsart_jobs import executable

clip = Route("executable", "kling-text-to-video", has_external_id=False)
pictures = Route("executable", "kling/v1/images/omni-image", has_external_id=False)
result = {
    "url": "https://cdn.example.org/a.mp4",
    "model": "kling-v3",
    "results": [{"url": "https://cdn.example.org/a.mp4", "type": "video"}],
    "durationMs": 61000,
}
made = (Output("https://cdn.example.org/a.mp4", MediaType.VIDEO),)


def run(code: int, printed: object = "", words: str = "", **headers: str) -> Response:
    text = printed if isinstance(printed, str) else json.dumps(printed, indent=2)
    return Response(code, {"x-stderr": words, **headers}, text.encode())


def read(response: Response, route: Route = clip) -> TaskState | Refusal:
    return executable.read_submit(response, route)


def said(response: Response) -> str:
    """`phase message` of a task, `class code: message` of a refusal."""
    found = read(response)
    if isinstance(found, Refusal):
        return f"{found.answer}{' unsent' if found.unsent else ''} {found}"
    return f"{found.phase} {found.message}".strip()


def test_a_result_over_several_lines_is_a_task_that_succeeded() -> None:
    state = read(run(0, result))
    assert isinstance(state, TaskState)
    assert (state.phase, state.outputs, state.status) == (Phase.SUCCEEDED, made, "completed")
    assert state.task_id.startswith("run-")
    assert len(state.task_id) == 36


def test_several_pictures_are_told_in_their_order() -> None:
    urls = [f"https://cdn.example.org/{name}.png" for name in "cab"]
    results = [{"url": url, "type": "image"} for url in urls]
    state = read(run(0, {"url": urls[0], "model": "kling-3.0-image", "results": results}), pictures)
    assert isinstance(state, TaskState)
    assert state.outputs == tuple(Output(url, MediaType.IMAGE, place) for place, url in enumerate(urls))


def test_the_last_value_of_stdout_counts_among_whatever_else_is_printed() -> None:
    noise = 'Session expired\n{"note": 1}\n{broken\n' + json.dumps(result, indent=2) + "\nbye {}\n"
    assert said(run(0, noise)) == "succeeded"
    assert values_in('{"a": 1}\n{"b":\n  {"c": 2}}\n  {"indented": 3}\n') == [{"a": 1}, {"b": {"c": 2}}]


def test_what_was_paid_for_is_kept_whatever_goes_wrong_after_it() -> None:
    after = json.dumps(result, indent=2) + '\n{"error": "disk full", "code": 1}\n'
    assert said(run(1, after)) == "succeeded"
    assert said(run(130, result)) == "succeeded"


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        # A generation that fails on the server ends with 0 too.
        ({"error": "Generation failed", "model": "kling-v3", "durationMs": 9}, "failed Generation failed"),
        # So does one that was cancelled, and what became of it is not told.
        ({"error": "Job ended without terminal status", "model": "kling-v3", "durationMs": 9},
         "transient unreadable: Job ended without terminal status"),
        # The wait was given up: the task goes on, and has an id.
        ({"error": "Job is still running on the server after 30 min.", "taskId": "t-9", "model": "kling-v3",
          "durationMs": 1800000, "status": "timeout"}, "running"),
        ({"error": "Job is still running", "model": "kling-v3", "durationMs": 1, "status": "timeout"},
         "transient unreadable: Job is still running"),
        ({"status": "cancelled", "model": "kling-v3", "durationMs": 9, "taskId": "t-9"}, "running"),
        ({"status": "cancelled", "model": "kling-v3", "durationMs": 9},
         "transient unreadable: { \"status\": \"cancelled\", \"model\": \"kling-v3\", \"durationMs\": 9 }"),
        # Without an error and without an address it is no success.
        ({"model": "kling-v3", "results": [], "durationMs": 9},
         "transient unreadable: { \"model\": \"kling-v3\", \"results\": [], \"durationMs\": 9 }"),
        ({"url": "./output/a.mp4", "model": "kling-v3", "results": []},
         "transient unreadable: { \"url\": \"./output/a.mp4\", \"model\": \"kling-v3\", \"results\": [] }"),
        ("", "transient unreadable: the executable told no result and no reason"),
        ("done", "transient unreadable: done"),
    ],
)  # fmt: skip
def test_exit_code_0_is_no_proof_of_success(printed: object, expected: str) -> None:
    assert said(run(0, printed)) == expected


def test_a_task_that_goes_on_has_the_services_own_id_and_is_asked_for_over_http() -> None:
    state = read(run(0, {"error": "still running", "taskId": "t-9", "status": "timeout"}))
    assert isinstance(state, TaskState)
    assert (state.task_id, state.status) == ("t-9", "timeout")


def test_a_failure_speaks_of_policy() -> None:
    state = read(run(0, {"error": "Blocked by content moderation", "model": "kling-v3"}))
    assert isinstance(state, TaskState)
    assert (state.phase, state.failure) == (Phase.FAILED, "moderated")


@pytest.mark.parametrize(
    ("code", "error", "expected"),
    [
        # 1: the status of a refused submit stands in the words.
        (1, "Submit failed (400): duration must be a string", "invalid http-400"),
        (1, "Submit failed (400): refused by content moderation", "moderated http-400"),
        (1, "Submit failed (401): no such token", "auth http-401"),
        (1, "Submit failed (402): payment required", "product http-402"),
        (1, "Submit failed (400): insufficient credits", "product http-400"),
        (1, "Submit failed (403): not for this account", "forbidden http-403"),
        (1, "Submit failed (404): not found", "forbidden http-404"),
        (1, "Submit failed (408): timeout", "transient http-408"),
        (1, "Submit failed (409): conflict", "transient http-409"),
        (1, "Submit failed (429): slow down", "throttled http-429"),
        (1, "Submit failed (429): Too many generations at once", "over-quota http-429"),
        (1, "Submit failed (503): try later", "transient http-503"),
        (1, "Submit failed (500): it said Submit failed (400)", "transient http-500"),
        (1, "Missing required parameter: prompt", "invalid exit-1"),
        # 1 without it: it may have come after the submit.
        (1, "fetch failed", "transient exit-1"),
        (1, "No task id in response: {}", "transient exit-1"),
        (1, "Status check failed (400): bad gateway", "transient exit-1"),
        (1, "Status check failed (500): Submit failed (400)", "transient exit-1"),
        (2, "Nonexistent flag: --style", "invalid exit-2"),
        (3, "Authentication failed: rejected", "auth exit-3"),
        (4, "Could not reach the server: fetch failed", "transient exit-4"),
        (4, "Could not reach the server: upload to https://u failed", "transient unsent exit-4"),
        (5, "API error (503): Upload failed: no", "transient unsent exit-5"),
        (5, "API error (413): Upload failed: too large", "invalid http-413"),
        (5, "API error (429): Upload failed: slow", "throttled http-429"),
        (5, "something else", "transient unsent exit-5"),
        (6, "Prompt is required", "invalid exit-6"),
        (8, "file not found and not an http(s) URL", "invalid exit-8"),
        (9, "cancelled", "transient exit-9"),
        (10, "render", "transient exit-10"),
        (130, "", "transient exit-130"),
        (-9, "", "transient exit--9"),
        (137, "", "transient exit-137"),
        (127, "env: node: No such file or directory", "invalid exit-127"),
        (77, "whatever", "transient exit-77"),
    ],
)
def test_the_exit_table(code: int, error: str, expected: str) -> None:
    printed = json.dumps({"error": error, "code": code, "debugLog": "/home/x/.gen-ai/debug.log"}) if error else ""
    assert said(run(code, printed)).rpartition(expected)[1:] == (expected, f": {error}" if error else (
        f": the executable ended with {code} and said nothing"
    ))  # fmt: skip


def test_credits_are_told_on_stderr_alone() -> None:
    found = read(run(7, "", "\x1b[31m✗ Insufficient credits: Need 60 credits but only have 3\x1b[0m\n"))
    assert isinstance(found, Refusal)
    assert (found.answer, found.pack) == (AnswerClass.PRODUCT, "credits")
    assert found.message == "Insufficient credits: Need 60 credits but only have 3"
    assert "picsart.com" in found.remedy


def test_exit_code_7_may_be_the_word_of_a_later_look() -> None:
    """The executable takes any 402 in a message for a lack of credits, ids included."""
    words = "Insufficient credits: Status check failed (500): task 40291 is not ready"
    assert said(run(7, "", words)).startswith("transient exit-7")


def test_a_card_on_stderr_is_read_where_stdout_is_empty() -> None:
    card = "╭─ ✗ Error ─────╮\n│ Nonexistent flag: --script │\n╰───────╯\n"
    assert said(run(2, "", card)) == "invalid exit-2: Error Nonexistent flag: --script"


def test_json_on_stderr_is_read_where_stdout_has_none() -> None:
    assert said(run(1, "", '{"error": "Submit failed (429): slow", "code": 1}\n')) == (
        "throttled http-429: Submit failed (429): slow"
    )


def test_a_token_that_ran_out_while_the_task_was_waited_for_leaves_a_doubt() -> None:
    error = {"error": "Authentication failed: API rejected the token", "code": 3}
    found = {
        seconds: said(run(3, error, **{"x-seconds": seconds})).partition(" ")[0] for seconds in ("2.1", "400", "x")
    }
    assert found == {"2.1": "auth", "400": "transient", "x": "auth"}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (
            run(0, {"id": "kling-v3", "creditRange": {"min": 10, "max": 90, "unit": "credits"}, "totalCredits": 45}),
            "45",
        ),
        (run(0, {"id": "kling-v3", "creditRange": {"min": 90.5, "max": 90.5, "unit": "credits"}}), "90.5"),
        (
            run(0, {"id": "kling-v3", "creditRange": {"min": 10, "max": 90.5, "unit": "credits"}}),
            "transient unreadable: the answer names no price",
        ),
        (run(0, "nothing"), "transient unreadable: the answer names no price"),
        (run(3, {"error": "no token", "code": 3}), "auth exit-3: no token"),
        (run(2, "", "Nonexistent flag: -d"), "transient exit-2: Nonexistent flag: -d"),
        (run(0, {"error": "odd"}), "transient unreadable: odd"),
    ],
)
def test_a_price_of_the_executable(response: Response, expected: str) -> None:
    found = executable.read_price(response)
    if isinstance(found, Refusal):
        assert f"{found.answer} {found}" == expected
    else:
        assert found == Cost(units=found.units)
        assert [f"{amount:f}" for _, amount in found.units] == [expected]


def test_a_run_that_only_asks_is_classed_too() -> None:
    assert executable.read_refusal(run(0, {"id": "kling-t2a", "totalCredits": 2})) is None
    refusal = executable.read_refusal(run(3, {"error": "sign in", "code": 3}))
    assert refusal is not None
    assert refusal.answer is AnswerClass.AUTH
