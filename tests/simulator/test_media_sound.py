"""Sounds of the simulator: as long as ordered, in the form ordered, and about what was ordered."""

from __future__ import annotations

from array import array
from pathlib import Path

import av
import pytest

from kling_pipe.simulator.media import ClipOrder, SoundOrder, look, make_clip, make_sound
from kling_pipe.simulator.media_noise import is_named, layers_of
from kling_pipe.simulator.media_recording import motion_of, record
from kling_pipe.simulator.media_speech import syllables
from kling_pipe.simulator.media_wave import heard, loudness, mixed, rate
from kling_pipe.values.media import MediaFacts, MediaType


def order(words: str = "rain on a tin roof", seconds: float = 1.0, **changes: object) -> SoundOrder:
    values: dict[str, object] = {"seed": 3, "label": "text-to-audio", "form": "wav"}
    return SoundOrder(words, seconds, **(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("manner", ["speech", "effects", "music"])
@pytest.mark.parametrize("seconds", [0.4, 1.0, 3.7])
def test_a_wav_is_as_long_as_ordered(manner: str, seconds: float, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert make_sound(order(seconds=seconds, manner=manner), str(path)) == seconds
    facts = MediaFacts(MediaType.AUDIO, "wav", path.stat().st_size, seconds=seconds, has_sound=True)
    assert look(str(path)) == facts


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.4, 3.0, 5.5])
def test_an_mp3_is_an_mp3_of_that_length(seconds: float, tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    make_sound(order(seconds=seconds, form="mp3"), str(path))
    facts = look(str(path))
    assert (facts.type, facts.format, facts.has_sound) == (MediaType.AUDIO, "mp3", True)
    assert abs(facts.seconds - seconds) < 0.06
    assert abs(len(heard(str(path))) / rate - seconds) < 0.06


@pytest.mark.parametrize("manner", ["speech", "effects", "music"])
def test_the_same_order_makes_the_same_bytes(manner: str, tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        make_sound(order(manner=manner), str(tmp_path / name))
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize(
    "change", [{"words": "church bell"}, {"seed": 4}, {"manner": "speech"}, {"manner": "music"}, {"seconds": 1.1}]
)
def test_every_part_of_an_order_is_heard(change: dict[str, object]) -> None:
    assert record(order()) != record(order(**change))  # type: ignore[arg-type]


def test_a_voice_has_a_pitch_of_its_own() -> None:
    voices = {record(order("hello", manner="speech", voice=voice)).tobytes() for voice in ("one", "two", "three")}
    assert len(voices) == 3


@pytest.mark.parametrize("manner", ["speech", "effects", "music"])
def test_a_sound_is_loud_enough_and_never_clips(manner: str) -> None:
    wave = record(order(seconds=2.0, manner=manner))
    assert 6_000 < max(map(abs, wave)) < 32_000


@pytest.mark.parametrize("words", ["", "?", " \n ", "你好，世界。", "1 234 xyz", "🚀", "x" * 300])
@pytest.mark.parametrize("manner", ["speech", "effects", "music"])
def test_any_words_can_be_made_a_sound(words: str, manner: str) -> None:
    assert len(record(order(words, 0.5, manner=manner))) == rate // 2


def beats(text: str) -> str:
    """A text's rhythm: a vowel a syllable, a dash a pause."""
    return "".join(beat.vowel or ("-" if beat.units > 0.5 else "") for beat in syllables(text))


def test_a_text_is_spoken_in_syllables_with_pauses_where_its_stops_are() -> None:
    assert beats("Good evening, and welcome.") == "oeei-aeo-"
    assert len(beats("你好吗")) == 3
    assert beats("brrr 42") != ""


def test_a_question_rises_at_its_end() -> None:
    assert [beat.rise > 0 for beat in syllables("are you sure?") if beat.vowel] == [False, False, True]


def test_a_speaker_is_silent_between_sentences() -> None:
    """Read backwards from the sound: the middle pause is longer than any between words."""
    wave = record(order("One two three. Four five six.", 3.0, manner="speech"))
    quiet = "".join(" " if level < 0.02 else "#" for level in loudness(wave, 20, 60))
    assert max(map(len, quiet.strip().split("#"))) >= 3


def test_effects_are_those_the_words_name() -> None:
    assert [is_named(words) for words in ("rain on a roof", "distant thunder", "nothing known")] == [True, True, False]
    assert layers_of("rain and thunder") == (*layers_of("rain"), *layers_of("thunder"))


@pytest.mark.slow
def test_musical_words_bring_music_under_the_effects() -> None:
    assert record(order("soft piano")) == record(order("soft piano", manner="music"))
    both = record(order("rain, soft piano"))
    assert both not in (record(order("rain")), record(order("rain, soft piano", manner="music")))


@pytest.mark.slow
def test_a_sound_for_a_clip_swells_where_the_clip_moves(tmp_path: Path) -> None:
    shots = (("static, a hill", 1.0), ("fast pan left, a city", 1.0))
    make_clip(ClipOrder("", 340, 192, 2, 12, 1, "x", shots=shots), str(tmp_path / "a.mp4"))
    moving = motion_of(str(tmp_path / "a.mp4"), 2.0)
    wave = record(order("wind", 2.0, source=str(tmp_path / "a.mp4")))
    first, second = loudness(wave, 1, 2)
    assert len(moving) == 16
    assert second > first
    assert wave != record(order("wind", 2.0))


def test_sounds_are_laid_over_one_another_from_their_second_on() -> None:
    one, half = array("h", [1000] * rate), array("h", [500] * (rate // 2))
    wave = mixed(((one, 0.0, 0.5), (half, 0.75, 1.0)), 1.0)
    assert (len(wave), wave[0], wave[rate * 3 // 4 - 1], wave[rate * 3 // 4], wave[-1]) == (rate, 500, 500, 1000, 1000)


def test_what_would_clip_is_made_quieter() -> None:
    loud = array("h", [30_000] * 100)
    assert max(mixed(((loud, 0.0, 1.0), (loud, 0.0, 1.0)), 100 / rate)) == 32_767


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_a_sound_says_that_it_is_simulated(form: str, tmp_path: Path) -> None:
    make_sound(order(form=form), str(tmp_path / "a"))
    with av.open(str(tmp_path / "a")) as container:
        assert container.metadata["comment"] == "simulated by kling-pipe: text-to-audio"


def test_a_failed_order_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"bad\.mp4"):
        make_sound(order(source=str(tmp_path / "bad.mp4")), str(tmp_path / "a.wav"))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.mp4"]
