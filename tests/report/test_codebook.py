"""Every code that can be said is explained, and no other is; the examples are answered with their code."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.codes import service_codes
from kling_pipe.api.options import Options
from kling_pipe.errors import TextFailure
from kling_pipe.providers.kling.refusals import answer_classes
from kling_pipe.report.codebook import codebook, families_in, looked_up
from tests.plan.catalogue_cases import folder as cases
from tests.report.raised_codes import composed_codes, raised_codes, unfollowed
from tests.scenarios.materials import furnish

around = """\
storyboard: 1
steps:
  hero: {kind: text-to-image, prompt: A trail shoe}
  clip: {kind: text-to-video, model: kling-v3, prompt: A trail shoe on wet asphalt}
  oldest: {kind: text-to-video, model: kling-v1, prompt: A trail shoe}
  it:
"""
of_clips = """
  of_clip: {kind: element, name: mira, description: A botanist, video: steps.clip}
  of_another_clip: {kind: element, name: ben, description: A gardener, video: steps.clip}
"""
# What no text of a storyboard alone brings about: it takes another file, another profile, or a run.
beyond_a_text = frozenset(
    ("control-character", "not-utf-8", "too-large", "kind-not-served", "needs-api-key", "needs-own-clip", "needs-url",
     "foreign-id", "needs-http", "sound-not-kept", "damaged", "file-unreadable", "input-changed", "input-unreachable",
     "media-area",
     "model-id-assumed", "tier-untold",
     "too-many-pixels", "text-too-short", "fast-edits-only",
     "made-elsewhere", "name-clash", "unused-parameter", "wrong-file")
)  # fmt: skip
services = service_codes()
explained = codebook(services)
own = {entry.code: entry for entry in codebook(()).values()}
texts = [entry for entry in own.values() if entry.family.name in ("storyboard", "models", "media")]


@pytest.mark.slow
def test_every_code_that_is_said_is_explained_and_no_other() -> None:
    composed = {code for code in own if any(pattern.fullmatch(code) for pattern in composed_codes())}
    assert sorted(raised_codes() - set(own)) == [], "add each to a file of kling_pipe/report/codes/"
    assert sorted(set(own) - raised_codes() - composed) == [], "nothing says these any more"


@pytest.mark.slow
def test_codes_that_are_put_together_when_they_are_said_are_explained() -> None:
    said = "".join(path.read_text("utf-8") for path in cases.glob("*.txt"))
    found = set(re.findall(r"(?m)^> (?:error|warning|note) ([a-z-]+) ", said))
    assert sorted(found - set(own)) == []
    assert [pattern.pattern for pattern in composed_codes()] == [
        r".+\-missing",
        r"unknown\-.+",
        r"http\-.+",
        r"exit\-.+",
    ]


@pytest.mark.slow
def test_no_code_reaches_a_user_by_a_way_that_is_not_followed() -> None:
    assert unfollowed() == [
        "cli.py: _write(folded(outcome.text, room), outcome.exit_code)",  # an exit code
        "edge/bucket.py: found[1]",  # the bucket's own word within a sentence
        "providers/kling/account.py: str(inner)",  # Kling's own number
        "run/desk.py: str(refusal.answer)",  # the name of an answer's class
        "run/looking.py: task.failure",  # `moderated`
    ]


def test_every_code_of_the_service_is_explained() -> None:
    kling = {entry.code for entry in explained.values() if entry.family.name == "kling"}
    assert kling == {*map(str, answer_classes), "http-STATUS"}


@pytest.mark.slow
def test_every_example_is_answered_with_its_code(tmp_path: Path) -> None:
    """Where another code is said earlier, with that one instead; where no text brings it about, not at all."""
    found = {entry.code: said_of(entry.example, tmp_path / entry.code) for entry in texts}
    answered = {code for code, said in found.items() if code in said}
    expected = {entry.code for entry in texts if not entry.earlier and entry.code not in beyond_a_text}
    assert answered == expected
    assert [entry.code for entry in texts if entry.earlier and entry.earlier not in found[entry.code]] == []


def test_meanings_and_remedies_are_sentences() -> None:
    odd = [
        (entry.code, text)
        for entry in explained.values()
        for text in (entry.means, entry.remedy)
        if not re.fullmatch(r"[A-Z`0-9][^\n]*[.]", text) or "please" in text.lower() or text.count("`") % 2
    ]
    assert odd == []


def test_every_family_has_codes_in_the_order_of_the_alphabet() -> None:
    for family in families_in(services):
        codes = [entry.code for entry in explained.values() if entry.family == family]
        assert codes == sorted(codes) != []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("end-frame-mode", "end-frame-mode"),
        ("`end-frame-mode`:", "end-frame-mode"),
        ("END_FRAME_MODE", "end-frame-mode"),
        ("http-502", "http-STATUS"),
        ("exit-7", "exit-STATUS"),
        ("1102", "1102"),
        ("", None),
        ("end frame", None),
    ],
)
def test_a_code_is_found_as_people_write_it(typed: str, found: str | None) -> None:
    entry = looked_up(typed, services)
    assert (entry.code if entry else None) == found


def said_of(example: str, folder: Path) -> list[str]:
    """The codes that a project is told whose storyboard, or project file, holds the example."""
    folder.mkdir()
    if example.startswith("# kling-pipe.yaml"):
        (folder / "kling-pipe.yaml").write_text(example, "utf-8")
        example = "kind: text-to-image\nprompt: A trail shoe"
    text = around + textwrap.indent(example, "    ") if example.startswith("kind: ") else example
    text += of_clips if "of_clip" in text else ""
    written = re.search(r"prompt: … +# .*?(\d+) characters", text)
    text = text.replace("prompt: …", f"prompt: {'x' * (int(written[1]) + 1)}") if written else text
    (folder / "storyboard.yaml").write_text(text, "utf-8")
    furnish(folder)
    try:
        return [problem.code for problem in check(str(folder / "storyboard.yaml"), Options()).problems]
    except TextFailure as failure:  # of the project file
        return [problem.code for problem in failure.problems]
