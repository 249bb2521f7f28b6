"""The rule language of catalogues on data of its own, and data that is wrong."""

from __future__ import annotations

import pytest

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.catalogue_rules import compile_rule, condition, longest_shared_text

view = {"mode": "pro", "duration": 5, "sound": True, "shots": [1, 2], "image": ("image",), "prompt": "abc"}


@pytest.mark.parametrize(
    ("key", "wanted", "holds"),
    [
        ("mode", "present", True), ("other", "present", False), ("other", "absent", True), ("mode", "pro", True),
        ("mode", ["std", "pro"], True), ("mode", ["std"], False), ("sound", True, True), ("sound", 1, False),
        ("duration", {"min": 5, "max": 6}, True), ("duration", {"min": 6}, False), ("other", {"min": 0}, False),
        ("prompt", {"length": {"min": 3}}, True), ("prompt", {"length": {"max": 2}}, False),
        ("shots", "list", True), ("mode", "list", False), ("shots", {"not": "list"}, False),
        ("shots", {"items": {"max": 2}}, True), ("image", {"items": {"min": 2}}, False),
    ],
)  # fmt: skip
def test_conditions(key: str, wanted: object, holds: bool) -> None:
    assert condition(key, wanted)(view) is holds


def found(**rule: object) -> list[str]:
    data = {"code": "c", "message": "{model} {key} {sum} {mode} {other}", "hint": "h", **rule}
    return [f"{f.key}: {f.message}" for f in compile_rule(data).find(view, "kind", "m")]


def test_demands() -> None:
    assert found(require={"mode": "pro"}) == []
    assert found(require={"mode": "std"}) == ["mode: m mode 0 pro nothing"]
    assert found(when={"duration": 10}, require={"mode": "std"}) == []
    assert found(when_any={"other": "present", "sound": True}, forbid=["shots"]) == ["shots: m shots 0 pro nothing"]
    assert found(forbid=["shots", "other", "image"], at="mode") == [
        "shots: m shots 0 pro nothing", "image: m image 0 pro nothing",
    ]  # fmt: skip
    assert found(limit={"sum": ["shots", "image", "other"], "max": 2}, at=["other", "image"]) == [
        "image: m image 3 pro nothing"
    ]


def test_a_rule_concerns_its_kinds_and_models() -> None:
    rule = compile_rule({"code": "c", "message": "", "kinds": ["a"], "models": ["m"], "forbid": ["x"]})
    assert [rule.concerns(*pair) for pair in (("a", "m"), ("b", "m"), ("a", "n"))] == [True, False, False]


def test_texts_share_a_verdict_up_to_the_shortest_bound() -> None:
    rule = {"when": {"prompt": {"length": {"min": 11}}}, "require": {"other": {"length": {"max": 9}}}}
    assert longest_shared_text(rule) == 9
    assert longest_shared_text({"when": {"prompt": "present"}}) is None


offer = {"model": "m", "product": "image", "state": "current", "kinds": {"k": {"takes": ["s"], "timing": "t"}}}
data: dict[str, object] = {
    "kinds": {"k": {"product": "image", "makes": "image", "default_model": [{"model": "m"}]}},
    "takes": {"s": {"prompt": {"type": "text", "max": 5}}},
    "timings": {"t": {"base": 1}},
    "models": [offer],
}


def test_a_small_catalogue() -> None:
    assert [row.model for row in Catalogue.of("p", data).rows()] == ["m"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": "m"}, "`models` is not a list"),
        ({"models": [1]}, "`models` holds something that is not a mapping"),
        ({"takes": {}}, "no set of parameters is called `s`"),
        ({"takes": {"s": {"prompt": {"type": "text", "max": "5"}}}}, "`max` is not a number"),
        ({"timings": [1]}, "`timings` is not a mapping"),
        ({"units_usd": {"image": "cheap"}}, "not an amount"),
        ({"models": [offer, {**offer, "model": "n", "aliases": ["m"]}]}, "`m` names two models of `k`"),
    ],
)
def test_wrong_data_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Catalogue.of("p", {**data, **change})


def test_a_catalogue_is_a_mapping() -> None:
    with pytest.raises(ValueError, match="a catalogue is a mapping"):
        load_catalogue("p", "- 1\n", "models.yaml")
