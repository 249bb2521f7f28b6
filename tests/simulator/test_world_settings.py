"""Settings and fault rules from text and JSON."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.simulator.faults import Fault, FaultBook, FaultRule, Scope, scopes_of
from kling_pipe.simulator.settings import MediaSize, Retired, Settings


def test_settings_are_read_from_command_line_pairs() -> None:
    pairs = [
        ("seed", "7"),
        ("speed", "60"),
        ("pool", "video=20"),
        ("rate", "2.5"),
        ("units", "video=1000"),
        ("media", "small"),
        ("retired", "allowed"),
        ("fault", "lost-after=0.1"),
        ("fault", "stuck=#3,#5"),
        ("key", "another"),
        ("pair", "ak:sk"),
        ("url-lifetime", "60"),
    ]
    assert Settings.parse(pairs) == replace(
        Settings(),
        seed=7,
        speed=60.0,
        pools=(("audio", 5), ("image", 9), ("video", 20)),
        rate=2.5,
        units=(("audio", Decimal(10_000)), ("image", Decimal(100_000)), ("video", Decimal(1000))),
        media=MediaSize.SMALL,
        retired=Retired.ALLOWED,
        faults=(
            FaultRule(Fault.LOST_AFTER, (Scope.CREATE, Scope.QUERY), probability=0.1),
            FaultRule(Fault.STUCK, (Scope.CREATE,), numbers=(3, 5)),
        ),
        keys=("simulated-key", "another"),
        pairs=(("simulated-access", "simulated-secret"), ("ak", "sk")),
        url_lifetime=60.0,
    )


def test_settings_change_by_json_and_tell_no_secret() -> None:
    changes = {"pools": {"video": 2}, "faults": ["slow=create:#1"], "seed": 3, "retry_after": 0}
    changes |= {"webhook_secret": "whsec_c2VjcmV0", "callback_repeats": 0.5, "forbidden": ["/v1/audio/tts", "kling-v3"]}
    changes |= {"answers": {"gateway": "wrapped"}}
    settings = replace(Settings(), forbidden=("kling-v1",)).changed(changes)
    assert settings.to_json() == {
        "seed": 3,
        "speed": 1.0,
        "durations": 1.0,
        "pools": {"audio": 5, "image": 9, "video": 2},
        "rate": 0.0,
        "units": {"audio": "10000", "image": "100000", "video": "10000"},
        "media": "full",
        "retired": "refused",
        "account": "good",
        "faults": ["slow=create:#1"],
        "keys": 1,
        "pairs": ["simulated-access"],
        "url_lifetime": 2592000.0,
        "delay": 20.0,
        "retry_after": 0.0,
        "media_base": "",
        "skew": 0.0,
        "uploads": "",
        "forbidden": ["/v1/audio/tts", "kling-v3"],
        "answers": {"gateway": "wrapped"},
        "webhook_secret": True,
        "callback_losses": 0.0,
        "callback_repeats": 0.5,
        "callback_disorder": 0.0,
    }


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sead", "1", "`sead` is not a setting; there are `seed`, `speed`,"),
        ("seed", "one", "`seed` takes a whole number: one"),
        ("speed", "0", "`speed` takes a number from 0.001: 0"),
        ("pool", "video", "`pool` takes two parts joined by `=`: video"),
        ("pool", "video=0", "a pool holds at least 1 task: video=0"),
        ("units", "video=many", "`units` takes a number from 0 for each product: video=many"),
        ("media", "tiny", "`media` takes `full` or `small`: tiny"),
        ("webhook-secret", "c2VjcmV0", "`webhook-secret` takes `whsec_` and a key in Base64"),
        ("webhook-secret", "whsec_!", "`webhook-secret` takes `whsec_` and a key in Base64"),
        ("answers", "wrapped", "`answers` takes two parts joined by `=`: wrapped"),
        ("callback-losses", "1.5", "`callback-losses` takes a number from 0 to 1: 1.5"),
        ("fault", "late=0.1", "`late` is not a fault; there are `lost-before`,"),
        ("fault", "stuck", "`stuck` does not say when: write `stuck=0.1` or `stuck=#3`"),
        ("fault", "stuck=2", "`stuck=2` has no probability from 0 to 1"),
        ("fault", "stuck=#0", "`stuck=#0` names no request: write numbers from 1 as `#3` or `#3,#5`"),
        ("fault", "stuck=query:0.1", "`stuck` cannot strike in `query`; it strikes in `create`"),
        ("fault", "stuck=nowhere:0.1", "`stuck` cannot strike in `nowhere`; it strikes in `create`"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")) as caught:
        Settings.parse([(name, text)])
    assert str(caught.value).startswith(message)


@given(st.sampled_from(list(Fault)), st.data())
def test_fault_rules_survive_text(fault: Fault, data: st.DataObject) -> None:
    scopes = data.draw(st.sampled_from([scopes_of[fault], *((scope,) for scope in scopes_of[fault])]))
    numbers = tuple(data.draw(st.lists(st.integers(1, 99), max_size=3)))
    probability = 0.0 if numbers else data.draw(st.sampled_from([0.0, 0.1, 0.25, 1.0]))
    rule = FaultRule(fault, scopes, probability, numbers)
    assert FaultRule.parse(str(rule)) == rule


def met(seed: int, *rules: str) -> list[list[str]]:
    book = FaultBook([FaultRule.parse(rule) for rule in rules], seed)
    return [sorted(book.meet(Scope.CREATE)) for _ in range(200)]


def test_a_fault_meets_the_same_requests_whatever_else_is_switched_on() -> None:
    alone = met(1, "lost-after=0.1")
    beside = met(1, "throttled=0.5", "lost-after=0.1")
    assert [["lost-after"] if "lost-after" in faults else [] for faults in beside] == alone
    assert 10 <= sum(map(len, alone)) <= 30
    assert met(2, "lost-after=0.1") != alone


def test_a_schedule_meets_exactly_its_requests() -> None:
    assert [number for number, faults in enumerate(met(0, "stuck=#3,#5"), 1) if faults] == [3, 5]


def test_unauthorized_once_strikes_once() -> None:
    book = FaultBook([FaultRule.parse("unauthorized-once=1")], 0)
    assert book.meet(Scope.CREATE) == {Fault.UNAUTHORIZED_ONCE}
    book.struck(Fault.UNAUTHORIZED_ONCE)
    assert book.meet(Scope.QUERY) == frozenset()
    assert book.to_json() == {
        "struck": {"unauthorized-once": 1},
        "requests": {"create": 1, "query": 1, "download": 0},
    }
