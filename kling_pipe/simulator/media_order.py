"""What the simulator's studio can be asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """A picture. `references` are paths of pictures it is made from; `number` tells takes of one seed apart.

    `manner` says what is done to the references: `expand` (by `margins`: up, down, left, right as multiples of the
    first one's sides), `try-on` (a person, a garment), `angle` (the figure from another side), `segment` (a mask of
    `words`); empty for a picture of its own. `stands_for` are the sides of the picture that a smaller one replaces,
    `written_as` is `png`, `jpg` or `webp`.
    """

    prompt: str
    width: int
    height: int
    seed: int
    label: str
    references: tuple[str, ...] = ()
    number: int = 1
    manner: str = ""
    margins: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    stands_for: str = ""
    written_as: str = "png"


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """A clip.

    `start` and `end` are paths of pictures it begins and ends on; `shots` are (prompt, seconds) pairs that replace
    `prompt` one after another; `camera` are camera-control names and amounts; `motion` is the path of a clip whose
    motion `character`, a picture, follows, with that clip's own sound when `keep_sound`.

    `references` are paths of pictures that appear in it; `base` is the path of a clip that is edited or gone on from;
    `sound_file` that of a sound laid under it from second `insert` on; `effect` an effect's name; `manner` says what
    is made of all that: `omni`, `lip-sync`, `avatar`, `effect`, `edit`, `extend`, `dub`, or nothing of it.
    `stands_for` are the sides and frames a second of the clip that a smaller one replaces, `written_as` is `mp4`, `mov`
    or `webm`.
    """

    prompt: str
    width: int
    height: int
    seconds: float
    fps: int = 24
    seed: int = 0
    label: str = ""
    sound: bool = False
    start: str = ""
    end: str = ""
    shots: tuple[tuple[str, float], ...] = ()
    camera: tuple[tuple[str, float], ...] = ()
    motion: str = ""
    character: str = ""
    keep_sound: bool = False
    references: tuple[str, ...] = ()
    base: str = ""
    sound_file: str = ""
    insert: float = 0.0
    effect: str = ""
    manner: str = ""
    stands_for: str = ""
    written_as: str = "mp4"


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """A sound: `manner` is `speech` (of `words`, by `voice`, at `speed`), `effects` or `music` (that `words` describe);
    `source` is the path of a clip whose rhythm it follows; `form` is `mp3` or `wav`."""

    words: str
    seconds: float
    seed: int = 0
    label: str = ""
    manner: str = "effects"
    voice: str = ""
    speed: float = 1.0
    form: str = "mp3"
    source: str = ""
