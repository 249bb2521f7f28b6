"""A plan of many members: a step a line, whatever its members; one by one where that is asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kling_pipe.api.options import Options
from kling_pipe.api.planning import plan
from kling_pipe.plan.plan import Plan, Planned, Standing
from kling_pipe.report.plans import plan_to_json, render_plan

film = """storyboard: 1
name: film
variants: {locale: [en, de, no], ratio: [9:16, 16:9]}
vars: {line: {en: Go, de: Los, no: Gå}}
budget: {run: 10 USD, step: 0.2 USD}
steps:
  hero: {kind: text-to-image, prompt: A hero, takes: 3}
  frame:
    kind: image-to-image
    each: {shot: [s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12]}
    image: steps.hero
    aspect_ratio: ${{ variant.ratio }}
    prompt: "${{ each.shot }}, closer"
  clip:
    kind: image-to-video
    model: kling-v2-5-turbo
    image: steps.frame
    prompt: "says ${{ vars.line[variant.locale] }}"
deliver:
  "out/${{ each.shot }}-${{ variant.locale }}-${{ variant.ratio }}.mp4": steps.clip
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("film") / "film.yaml"
    path.write_text(film)
    return plan(str(path), Options(simulate=True)).plan


def test_ninety_seven_members_fit_on_a_screen(planned: Plan) -> None:
    assert (
        render_plan(planned, "kling-pipe run film.yaml --simulate")
        == """\
film (simulated): 3 steps, 97 members, 97 to make, 0 current
72 deliverables from 97 paid tasks, 99 takes

  make  hero       3 pictures by kling-v3        0.084 USD (24 image units)   ~1 s
        not made yet; by body-model /v1/images/generations
  make  frame ×24  24 pictures by kling-v3       0.672 USD (192 image units)  ~1 s each
        waits for `hero`; by body-model /v1/images/generations
        frame[ratio=9:16,shot=s1], frame[ratio=9:16,shot=s2] and 22 more
  make  clip ×72   72 clips by kling-v2-5-turbo  15.12 USD (108 video units)  ~4 s each
        waits for `frame`; by body-model /v1/videos/image2video
        clip[locale=en,ratio=9:16,shot=s1], clip[locale=en,ratio=9:16,shot=s2] and 70 more

deliver, at what each costs by itself
  out/s1-en-9x16.mp4 and 71 more  from clip  0.322 USD (32 image units + 1.5 video units) each

by model
  kling-v3          25 tasks, 27 takes  0.756 USD (216 image units)
  kling-v2-5-turbo  72 tasks, 72 takes  15.12 USD (108 video units)

estimate     15.88 USD (216 image units + 108 video units), exact, prices of 2026-09-20; simulated, so nobody is charged
             exact by Kling API reference, likely
time         about 58 s
longest way  hero → frame[ratio=9:16,shot=s1] → clip[locale=en,ratio=9:16,shot=s1]
budget       10 USD, not enough, so the run will be refused
             0.2 USD a step, not enough for 72 of clip, so the run will be refused

next: `kling-pipe run film.yaml --simulate`
"""
    )


def test_full_tells_every_member_and_every_deliverable(planned: Plan) -> None:
    text = render_plan(planned, "x", full=True)
    assert text.count("  make  clip[locale=") == 72
    assert text.count("from clip[locale=") == 72
    assert text.partition("by step\n")[2].splitlines()[:2] == [
        "  frame  24 tasks, 24 takes  0.672 USD (192 image units)",
        "  clip   72 tasks, 72 takes  15.12 USD (108 video units)",
    ]


def test_what_is_done_to_a_steps_members_parts_them(planned: Plan) -> None:
    """Some are made, some are stale, some are kept by somebody's word, one is waited for."""
    frames = [address for address in planned.members if address.startswith("frame")]

    def stands(member: Planned) -> Planned:
        place = frames.index(member.address) if member.address in frames else 0
        if member.address == "hero" or 0 < place < 9:
            return replace(member, standing=Standing.CURRENT, reason="every take is in the store")
        if 9 <= place < 12:
            reason = "accepted on 2026-11-02 as it was made"
            return replace(member, standing=Standing.CURRENT, reason=reason, accepted="2026-11-02")
        if 12 <= place < 22:
            reason = "`prompt` changed since it was made" if place % 3 else "attempt 1 failed: moderated"
            return replace(member, standing=Standing.STALE, reason=reason)
        if place == 22:
            return replace(member, standing=Standing.RUNNING, reason="a task of an earlier run is picked up")
        return member

    members = {address: stands(member) for address, member in planned.members.items()}
    lines, route = render_plan(replace(planned, members=members), "x").splitlines(), planned.members["hero"].route
    assert lines[:16] == [
        "film (simulated): 3 steps, 97 members, 84 to make (10 stale), 1 running, 12 current",
        "72 deliverables from 84 paid tasks, 84 takes",
        "",
        "  make   frame ×2                    2 pictures by kling-v3        0.056 USD (16 image units)   ~1 s each",
        "         waits for `hero`; by body-model /v1/images/generations",
        "         frame[ratio=9:16,shot=s1], frame[ratio=16:9,shot=s12]",
        "  stale  frame ×10                   10 pictures by kling-v3       0.28 USD (80 image units)    ~1 s each",
        f"         `prompt` changed since it was made (6), attempt 1 failed: moderated (4); by {route}",
        "         frame[ratio=16:9,shot=s1], frame[ratio=16:9,shot=s2] and 8 more",
        "  wait   frame[ratio=16:9,shot=s11]  1 picture by kling-v3                                      ~1 s",
        "         a task of an earlier run is picked up; by body-model /v1/images/generations",
        "  make   clip ×72                    72 clips by kling-v2-5-turbo  15.12 USD (108 video units)  ~4 s each",
        "         waits for `frame`; by body-model /v1/videos/image2video",
        "         clip[locale=en,ratio=9:16,shot=s1], clip[locale=en,ratio=9:16,shot=s2] and 70 more",
        "  keep   hero                        3 pictures by kling-v3",
        "  keep   frame ×11                   11 pictures by kling-v3",
    ]
    assert lines[16] == "         every take is in the store (8), accepted on 2026-11-02 as it was made (3)"


def test_the_json_has_the_sums(planned: Plan) -> None:
    data = plan_to_json(planned)
    clips = {"usd": "15.12", "units": {"video": "108"}}
    assert (data["tasks"], data["takes"]) == (97, 99)
    assert data["steps"][-1] == {  # type: ignore[index]  # a list
        "step": "clip", "members": 72, "stale": 0, "tasks": 72, "takes": 72, "cost": clips, "exact": True,
    }  # fmt: skip
    assert data["models"][-1] == {  # type: ignore[index]  # a list
        "model": "kling-v2-5-turbo", "members": 72, "stale": 0, "tasks": 72, "takes": 72, "cost": clips, "exact": True,
    }  # fmt: skip
    assert data["deliveries"][0] == {  # type: ignore[index]  # a list
        "path": "out/s1-en-9x16.mp4", "member": "clip[locale=en,ratio=9:16,shot=s1]",
        "alone": {"members": 3, "stale": 0, "tasks": 3, "takes": 5, "exact": True,
                  "cost": {"usd": "0.322", "units": {"image": "32", "video": "1.5"}}},
    }  # fmt: skip
