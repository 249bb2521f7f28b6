"""A checked request for a clip, whichever standard and endpoint it came by, and the world's order for it."""

from __future__ import annotations

from dataclasses import dataclass

from kling_pipe.providers.kling import fake_charges
from kling_pipe.providers.kling.fake_slip import Slip
from kling_pipe.simulator.media_order import ClipOrder
from kling_pipe.simulator.tasks import TaskOrder


@dataclass(frozen=True, slots=True)
class Clip:
    """A checked request for a clip, whichever standard it came by."""

    endpoint: str
    function: str  # text-to-video, image-to-video
    model: str
    price: str
    case: str  # row of the price table: silent, sound, voice, motion
    resolution: str
    seconds: int
    sides: tuple[int, int]
    prompt: str
    slip: Slip
    sound: bool = False
    start: str = ""
    end: str = ""
    shots: tuple[tuple[str, float], ...] = ()
    camera: tuple[tuple[str, float], ...] = ()
    motion: str = ""
    character: str = ""
    references: tuple[str, ...] = ()
    base: str = ""
    keep_sound: bool = False
    manner: str = ""
    length: float = 0.0  # of the file; 0 means the requested seconds and the usual 41 ms

    def order(self, account: str, **details: str) -> TaskOrder:
        """The order to the world; `details` are further words to remember."""
        length = self.length or self.seconds + 0.041
        clip = ClipOrder(
            prompt=self.prompt,
            width=self.sides[0],
            height=self.sides[1],
            seconds=length,
            fps=24,
            seed=0,
            label=" · ".join(word for word in (self.function, self.model) if word),
            sound=self.sound,
            start=self.start,
            end=self.end,
            shots=self.shots,
            camera=self.camera,
            motion=self.motion,
            character=self.character,
            keep_sound=self.keep_sound,
            references=self.references,
            base=self.base,
            manner=self.manner,
        )
        return TaskOrder(
            account=account,
            service="kling",
            product="video",
            endpoint=self.endpoint,
            model=self.model,
            units=fake_charges.clip(self.price, self.case, self.resolution, self.seconds),
            seconds=fake_charges.clip_wait(self.price, self.resolution, self.seconds),
            outputs=(clip,),
            external_id=self.slip.external_id,
            callback_url=self.slip.callback_url,
            details={
                "shape": "videos",
                "resolution": self.resolution,
                "duration": f"{length:.3f}",
                "requested": str(self.seconds),
                "function": self.function,
                "sound": "true" if self.sound else "false",
                "voice": "true" if self.case == "voice" else "false",
                "clip": "true" if self.motion or self.base else "false",
                **details,
            },
            watermark=self.slip.watermark,
        )
