"""The plain values: money, digests, secrets, facts, requests, ids and what files are by their first bytes."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.credential import Credential, CredentialKind
from kling_pipe.values.digest import canonical, digest_of
from kling_pipe.values.job import Phase, TaskState
from kling_pipe.values.magic import media_types, sniff
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cap, Cost, plain
from kling_pipe.values.secret import Secret, unsigned
from kling_pipe.values.span import Span
from kling_pipe.values.transfer import Handed
from kling_pipe.values.wire import Request, Response
from tests.edge.jobs_on_paper import job_of

amounts = st.decimals(min_value=0, max_value=10_000, places=3)
packs = st.sampled_from(("audio", "image", "video"))
costs = st.builds(Cost, amounts, st.dictionaries(packs, amounts).map(lambda found: tuple(found.items())))
facts = st.builds(
    MediaFacts, st.sampled_from(MediaType), st.sampled_from(("png", "mp4", "wav")), st.integers(0, 2**40),
    st.integers(0, 9000), st.integers(0, 9000), st.floats(0, 1e4), st.floats(0, 240), st.booleans(),
)  # fmt: skip


@given(st.lists(costs, max_size=5))
def test_a_total_does_not_depend_on_the_order(found: list[Cost]) -> None:
    assert Cost.total(found) == Cost.total(reversed(found))
    assert Cost.total(found).total_units == sum((cost.total_units for cost in found), Decimal(0))


@given(costs)
def test_a_cost_survives_json(cost: Cost) -> None:
    assert Cost.from_json(cost.to_json()) == cost


@given(costs, st.integers(0, 9))
def test_many_of_a_cost_are_their_sum(cost: Cost, count: int) -> None:
    assert cost * count == Cost.total([cost] * count)


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (Cost(), "0.00 USD"), (Cost(Decimal("0.028")), "0.028 USD"), (Cost(Decimal("12.345")), "12.34 USD"),
        (Cost(Decimal("0.5"), (("image", Decimal("8.50")),)), "0.5 USD (8.5 image units)"),
    ],
)  # fmt: skip
def test_a_cost_reads_plainly(cost: Cost, text: str) -> None:
    assert str(cost) == text


def test_packs_without_units_are_not_named() -> None:
    assert (Cost(units=(("video", Decimal(0)),)), bool(Cost(units=(("video", Decimal(0)),)))) == (Cost(), False)


@pytest.mark.parametrize(
    ("text", "read"),
    [("18 USD", "18 USD"), ("18", "18 USD"), ("$0.50", "0.5 USD"), ("40 units", "40 units"), ("2 unit", "2 units")],
)
def test_a_cap_is_read(text: str, read: str) -> None:
    assert str(Cap.parse(text)) == read


@pytest.mark.parametrize(
    "text", ["", "USD", "much", "1 EUR", "1 2 3", "NaN", "inf USD", "-1 USD", "1e999999999 units x"]
)
def test_what_is_no_amount_is_no_cap(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Cap.parse(text)


@given(amounts, costs)
def test_a_cap_allows_exactly_its_amount(amount: Decimal, cost: Cost) -> None:
    for cap in (Cap(amount, "USD"), Cap(amount, "units")):
        assert cap.allows(cost) == (cap.measure(cost) <= amount)
    assert Cap(cost.usd, "USD").allows(cost)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000))
def test_a_plain_amount_is_the_amount(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "E" not in plain(amount)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_the_canonical_form_has_no_order_and_no_spaces(found: dict[str, object]) -> None:
    assert canonical(found) == canonical(dict(reversed(list(found.items()))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"), (0.5, "0.5"), (True, "true"), (Decimal("5.00"), "5"), (Decimal("0.5"), "0.5"), ((1, 2), "[1,2]"),
        ("e\u0301", '"é"'), ({"b": None, "a": -0.0}, '{"a":0,"b":null}'),
    ],
)  # fmt: skip
def test_one_value_has_one_canonical_form(value: object, text: str) -> None:
    assert canonical(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1, 2}, object()])
def test_what_has_no_canonical_form_is_not_hashed(value: object) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)):
        canonical(value)


def test_a_tag_keeps_kinds_of_digests_apart() -> None:
    assert digest_of("a", 1) != digest_of("b", 1)


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("sk-1234")
    credential = Credential(CredentialKind.KEY_PAIR, secret, secret)
    assert [str(secret), repr(secret), f"{secret}", "sk-" in repr(credential)] == ["****", "****", "****", False]
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)
    assert (secret.reveal(), secret == Secret("sk-1234"), secret == "sk-1234") == ("sk-1234", True, False)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            "https://b.example/c?X-Amz-Credential=AK%2F1&X-Amz-Security-Token=t%2B&X-Amz-Signature=0a1b is dead",
            "https://b.example/c?X-Amz-Credential=****&X-Amz-Security-Token=****&X-Amz-Signature=**** is dead",
        ),
        (r"https:\/\/b\u0026X-Goog-Signature=0a\u0026x=1", r"https:\/\/b\u0026X-Goog-Signature=****\u0026x=1"),
        ("https://b?sp=r&sig=a%3D, x-amz-signature%3d0a", "https://b?sp=r&sig=**** x-amz-signature%3d****"),
        ("design=2 of a sig=n, X-Amz-Date=1", "design=2 of a sig=n, X-Amz-Date=1"),
    ],
)
def test_what_a_service_says_of_a_signed_address_is_kept_without_the_signature(said: str, left: str) -> None:
    refusal = Refusal(AnswerClass.INVALID, "1201", said)
    state = TaskState("1", "kp-1", Phase.FAILED, said)
    assert [unsigned(said), refusal.message, state.message] == [left] * 3


def test_a_request_does_not_show_its_headers() -> None:
    request = (
        Request("GET", "/x").with_header("Authorization", "Bearer sk-1").with_header("authorization", "Bearer sk-2")
    )
    assert (request.headers, "sk-" in repr(request)) == ((("authorization", "Bearer sk-2"),), False)


@pytest.mark.parametrize(
    ("text", "seconds"), [("", None), ("5", 5.0), (" 0.5 ", 0.5), ("-3", 0.0), ("Fri, 01 Jan 2027 00:00:00 GMT", None)]
)
def test_only_a_number_says_when_to_come_again(text: str, seconds: float | None) -> None:
    assert Response(429, {"retry-after": text}, b"").retry_after == seconds


@pytest.mark.parametrize("text", ["nan", "inf", "1e400"])
def test_a_number_that_is_none_says_nothing(text: str) -> None:
    assert Response(429, {"retry-after": text}, b"").retry_after is None


@given(facts)
def test_facts_survive_json(found: MediaFacts) -> None:
    assert MediaFacts.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"), (b"\xff\xd8\xff\xe0....", "jpeg"), (b"RIFF....WEBPVP8 ", "webp"),
        (b"RIFF....WAVEfmt ", "wav"), (b"....ftypisom....", "mp4"), (b"....ftypqt  ....", "mov"),
        (b"....ftypM4A ....", "m4a"),
        (b"\x1a\x45\xdf\xa3....webm", "webm"), (b"ID3\x04....", "mp3"), (b"  <!DOCTYPE html>", "html"),
        (b'{"code": 1}', "json"),
        (b"<Error><Code>", "xml"), (b"....ftypheic....", "heic"), (b"", ""), (b"what is this", ""),
    ],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(head: bytes, form: str) -> None:
    assert sniff(head) == form


@given(st.binary(max_size=64))
def test_any_bytes_are_something_or_nothing(head: bytes) -> None:
    assert isinstance(sniff(head), str)


def test_every_media_format_has_a_mime_type() -> None:
    for form, kind in media_types.items():
        assert MediaFacts(kind, form, 1).mime.startswith(f"{kind}/")


def test_an_external_id_is_derived_from_recipe_takes_and_attempt_alone() -> None:
    ids = [job_of("r", (1,)), job_of("r", (1,), usd="9", member="other"), job_of("r", (2,)), job_of("s", (1,))]
    first, same, *others = [job.external_id for job in ids]
    assert (first == same, len({first, *others}), len(first)) == (True, 3, 43)


def test_a_material_travels_in_exactly_one_form() -> None:
    for url, text in (("", ""), ("https://x", "abcd")):
        with pytest.raises(ValueError, match="one of a URL, Base64 and an id"):
            Handed(url=url, base64=text)


def test_refusals_and_places_read_plainly() -> None:
    refusal = Refusal(AnswerClass.THROTTLED, "1302", "too fast", request_id="r1")
    assert [str(refusal), str(Span("a.yaml", 3, 7))] == ["1302: too fast (request r1)", "a.yaml:3:7"]


def test_half_a_letter_in_an_answer_is_no_text_that_cannot_be_kept() -> None:
    """Services cut their messages anywhere, also between the halves of a letter, and neither half can be written."""
    found = Response(200, {}, b'{"message": "boat \\ud83d", "fine": ["\\ud83d\\ude00", 1], "\\ude00": "x"}').json()
    assert found == {"message": "boat \ufffd", "fine": ["\U0001f600", 1], "\ufffd": "x"}
