"""The rule language of catalogues on data of its own, and data that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.plan.catalogue_kind import KindOffers
from kling_pipe.plan.catalogue_models import Models
from kling_pipe.plan.catalogue_parts import Parts
from kling_pipe.plan.catalogue_rules import compile_rule, condition
from kling_pipe.plan.catalogue_sentences import rule_words
from kling_pipe.story.storyboard import Step
from kling_pipe.values.span import Span

view = {"mode": "pro", "duration": 5, "sound": True, "shots": [1, 2], "image": ("image",), "prompt": "abc", "up": 0.5}
lists = {"modes": frozenset({"pro", "std"})}


@pytest.mark.parametrize(
    ("key", "wanted", "holds"),
    [
        ("mode", "present", True), ("other", "present", False), ("other", "absent", True), ("mode", "pro", True),
        ("mode", ["std", "pro"], True), ("mode", ["std"], False), ("sound", True, True), ("sound", 1, False),
        ("duration", {"min": 5, "max": 6}, True), ("duration", {"min": 6}, False), ("other", {"min": 0}, False),
        ("prompt", {"length": {"min": 3}}, True), ("prompt", {"length": {"max": 2}}, False),
        ("shots", "list", True), ("mode", "list", False), ("shots", {"not": "list"}, False),
        ("shots", {"items": {"max": 2}}, True), ("image", {"items": {"min": 2}}, False),
        ("prompt", {"contains": "bc"}, True), ("prompt", {"contains": "cb"}, False),
        ("shots", {"contains": "1"}, False),
        ("mode", {"in": "modes"}, True), ("prompt", {"in": "modes"}, False), ("shots", {"in": "modes"}, False),
    ],
)  # fmt: skip
def test_conditions(key: str, wanted: object, holds: bool) -> None:
    assert condition(key, wanted, lists)(view) is holds


def found(**rule: object) -> list[str]:
    data = {"code": "c", "message": "{model} {key} {found} {mode} {other}", "hint": "h", **rule}
    return [f"{f.key}: {f.message}" for f in compile_rule(data).find(view, "kind", "m")]


def test_demands() -> None:
    assert found(require={"mode": "pro"}) == []
    assert found(require={"mode": "std"}) == ["mode: m mode 1 pro nothing"]
    assert found(require={"shots": {"items": {"min": 3}}}) == ["shots: m shots 2 pro nothing"]
    assert found(when={"duration": 10}, require={"mode": "std"}) == []
    assert found(require_any={"other": "present", "mode": "pro"}) == []
    assert found(require_any={"other": "present", "mode": "std"}) == ["mode: m mode 0 pro nothing"]
    assert found(when_any={"other": "present", "sound": True}, forbid=["shots"]) == ["shots: m shots 0 pro nothing"]
    assert found(forbid=["shots", "other", "image"], at="mode") == [
        "shots: m shots 0 pro nothing", "image: m image 0 pro nothing",
    ]  # fmt: skip


def test_figures() -> None:
    assert found(limit={"items": ["shots", "image", "other"], "max": 2}, at=["other", "image"]) == [
        "image: m image 3 pro nothing"
    ]
    assert found(limit={"items": ["shots"], "max": 2}) == []
    assert found(limit={"sum": ["duration"], "minus": ["up", "other"], "min": 5}) == [
        "duration: m duration 4.5 pro nothing"
    ]
    assert found(limit={"product": [["up", "duration"], "up"], "max": 9}) == ["up: m up 9.75 pro nothing"]
    assert found(limit={"product": [["up"], ["up"]], "max": 2.25}) == []


def test_a_rule_concerns_its_kinds_and_models() -> None:
    rule = compile_rule({"code": "c", "message": "", "kinds": ["a"], "models": ["m"], "forbid": ["x"]})
    assert [rule.concerns(*pair) for pair in (("a", "m"), ("b", "m"), ("a", "n"))] == [True, False, False]


def test_a_rule_that_demands_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="a rule demands nothing: c"):
        compile_rule({"code": "c", "when": {"x": "present"}})


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"when": {"image_tail": "present"}, "require": {"mode": "pro"}}, "with `image_tail`: needs `mode: pro`"),
        ({"when": {"a": "absent", "b": {"not": True}, "c": ["x", "y"]}, "forbid": ["d", "e"]},
         "with `c: x or y`, without `a` and `b: true`: takes no `d` and no `e`"),
        ({"when_any": {"a": "present", "b": "list"}, "limit": {"items": ["a", "b"], "max": 3}},
         "with `a` or a list of `b`: `a` + `b`: at most 3"),
        ({"limit": {"product": [["a", "b"], ["c"]], "max": 3}}, "(1 + `a` + `b`) × (1 + `c`): at most 3"),
        ({"limit": {"sum": ["a"], "minus": ["b"], "min": 2}}, "`a` − `b`: at least 2"),
        ({"require": {"a": {"items": {"min": 1, "max": 1}}, "b": {"contains": "x"}, "c": {"not": 0}}},
         "needs 1 of `a` and `x` in the `b`, takes no `c: 0`"),
        ({"require_any": {"a": "present", "b": {"not": 0}}}, "needs `a` or `b` other than 0"),
        ({"when": {"a": {"length": {"min": 9}}, "b": {"in": "two-pictures"}, "c": {"min": 1, "max": 2}},
          "forbid": ["d"], "severity": "warning", "code": "not-sent"},
         ("with `a` of at least 9 characters and `b` of two pictures and `c` of 1 to 2: "
          "takes no `d` (a warning, and it is not sent)")),
        ({"when": {"shots": "list"}, "forbid": ["shots"]}, "does not take a list of `shots`"),
    ],
)  # fmt: skip
def test_rules_in_words(rule: Mapping[str, object], words: str) -> None:
    assert rule_words(rule) == words


offer = {"takes": ["s"], "timing": "t"}
data: dict[str, object] = {
    "kinds": {"k": {"product": "image", "makes": "image", "default_model": [{"model": "m"}]}},
    "takes": {"s": {"prompt": {"type": "text", "max": 50}, "name": {"type": "text", "max": 20}}},
    "timings": {"t": {"base": 1}},
    "models": [{"model": "m", "product": "image", "state": "current"}],
    "offers": {"k": {"m": offer}},
}


def shared(*rules: Mapping[str, object]) -> Mapping[str, tuple[int, int]]:
    served = Models("p", Parts.of({**data, "rules": list(rules)})).of_kind("k")
    assert isinstance(served, KindOffers)
    return served.shared_texts


def test_texts_share_a_verdict_up_to_the_shortest_bound() -> None:
    about = {"code": "c", "message": "", "forbid": ["x"]}
    assert shared() == {"prompt": (0, 50), "name": (0, 20)}
    assert shared({**about, "when": {"prompt": {"length": {"min": 11}}}}) == {"prompt": (0, 10), "name": (0, 20)}
    assert shared({**about, "when": {"prompt": {"not": {"length": {"max": 9}}}}}) == {"prompt": (0, 9), "name": (0, 20)}
    assert shared({**about, "kinds": ["other"], "when": {"prompt": {"length": {"max": 9}}}})["prompt"] == (0, 50)


def test_a_text_whose_words_count_shares_no_verdict() -> None:
    about = {"code": "c", "message": "", "forbid": ["x"]}
    assert shared({**about, "when": {"prompt": {"contains": "a"}}}) == {"name": (0, 20)}
    assert shared({**about, "when": {"prompt": {"not": "a"}}}) == {"name": (0, 20)}
    assert shared({**about, "when": {"prompt": "present"}}) == {"prompt": (0, 50), "name": (0, 20)}


def test_a_text_has_a_least_length() -> None:
    fields = {"s": {"prompt": {"type": "text", "min": 2, "max": 50}}}
    small = Catalogue.of("p", {**data, "takes": fields})
    told = [
        [finding.message for finding in small.check(step, small.settle(step))]
        for prompt in ("ab", "a", "", "b", "abc")
        for step in (Step("s", "k", "m", Span("f", 1, 1), {"prompt": prompt}),)
    ]
    short = ["`prompt` has 1 character, `m` needs at least 2"]
    assert told == [[], short, [], short, []]


def test_a_small_catalogue() -> None:
    assert [row.model for row in Catalogue.of("p", data).rows()] == ["m"]


files = {
    "models.yaml": (
        "shared: shared.yaml\n"
        "kinds: {k: {product: image, makes: image, in: part.yaml}, l: {product: image, makes: image, in: other.yaml}}\n"
        "models: [{model: m, product: image, state: current}]\n"
    ),
    "shared.yaml": "takes: {s: {prompt: {type: open, lists: [words]}}}\n",
    "part.yaml": "lists: {words: {file: words.yaml, key: good}}\noffers: {k: {m: {takes: [s]}}}\n",
    "words.yaml": "good: [a, b]\n",
    "other.yaml": "takes: {s: {}}\noffers: {l: {m: {}}}\n",
}


def test_parts_are_read_when_a_kind_of_theirs_is_asked_for() -> None:
    asked: list[str] = []

    def read(name: str) -> str:
        asked.append(name)
        return files[name]

    models = Models("p", Parts.load(read))
    assert asked == ["models.yaml"]
    assert models.of_kind("k") is models.of_kind("k")
    assert asked == ["models.yaml", "part.yaml", "shared.yaml", "words.yaml"]
    assert models.of_kind("nothing") is None
    with pytest.raises(ValueError, match=r"`takes` of `other.yaml` has what is shared already: s"):
        models.of_kind("l")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models": "m"}, "`models` is not a list"),
        ({"models": [1]}, "`models` holds something that is not a mapping"),
        ({"models": []}, "`models` has no `m` of `image`"),
        ({"takes": {}}, "no set of parameters is called `s`"),
        ({"takes": {"s": {"prompt": {"type": "text", "max": "5"}}}}, "`max` is not a number"),
        ({"takes": {"s": {"prompt": {"type": "open", "lists": ["no"]}}}}, "no list is called `no`"),
        ({"takes": {"s": {"image": {"type": "media", "limits": "no"}}}}, "nothing in `media` is called `no`"),
        ({"timings": [1]}, "`timings` is not a mapping"),
        ({"timings": {}}, "nothing in `timings` is called `t`"),
        ({"offers": {"k": {"m": {**offer, "result": "no"}}}}, "nothing in `results` is called `no`"),
        ({"offers": {"k": {"m": {**offer, "price": "no"}}}}, "nothing in `prices` is called `no`"),
        ({"units_usd": {"image": "cheap"}}, "not an amount"),
        (
            {
                "models": [
                    {"model": "m", "product": "image"},
                    {"model": "n", "product": "image", "aliases": ["m"]},
                ],
                "offers": {"k": {"m": offer, "n": offer}},
            },
            "`m` names two models of `k`",
        ),
        (
            {
                "takes": {"s": {"v": {"type": "media", "limits": "c"}}},
                "media": {"c": {"type": "video", "seconds": [1]}},
            },
            "`seconds` needs a least and a most",
        ),
    ],
)
def test_wrong_data_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Catalogue.of("p", {**data, **change}).rows()


def test_a_part_that_is_not_there() -> None:
    kinds = {"k": {"product": "image", "makes": "image", "in": "other.yaml"}}
    with pytest.raises(ValueError, match=r"there is no part called `other.yaml`"):
        Catalogue.of("p", {**data, "kinds": kinds}).rows()


def test_a_catalogue_is_a_mapping() -> None:
    with pytest.raises(ValueError, match="a catalogue is a mapping"):
        load_catalogue("p", lambda name: "- 1\n")
