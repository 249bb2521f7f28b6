"""The roads that are asked about: each has a catalogue and an adapter of its own, and a service that plays its part.

What a road's drafts may be wired to stands here too: steps that were made before, and by type what comes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kling_pipe.plan.catalogue import Catalogue, load_catalogue
from kling_pipe.providers.gateway.adapter import GatewayProvider
from kling_pipe.providers.gateway.fake import GatewayFake
from kling_pipe.providers.kling.adapter import KlingProvider
from kling_pipe.providers.kling.fake import KlingFake
from kling_pipe.providers.picsart.adapter import PicsartProvider
from kling_pipe.providers.picsart.fake import PicsartFake
from kling_pipe.providers.provider import AdapterSettings, Provider
from kling_pipe.providers.runware.adapter import RunwareProvider
from kling_pipe.providers.runware.fake import RunwareFake
from kling_pipe.providers.table import table
from kling_pipe.simulator.service import Service
from kling_pipe.values.media import MediaType
from tests.agreement.drafts import Made
from tests.agreement.files import Here

_at = "https://media.example.org"
executable = "executable"
Lines = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Road:
    """One road; `earlier` are the steps that were made before, `made` what a wired field may take of them, `pools` how
    the simulated service is kept from running dry."""

    name: str
    catalogue: Catalogue
    provider: Provider
    fake: Callable[[], Service]
    earlier: Lines
    made: Mapping[MediaType, tuple[Made, ...]]
    settings: tuple[tuple[str, str], ...] = ()
    transport: str = ""
    elsewhere: Catalogue | None = None  # of another road, whose words are tried here too

    @property
    def here(self) -> Here:
        """Which files that have no address may travel."""
        return Here.ALL if self.provider.uploads else Here.NONE if self.name == "gateway" else Here.SOME

    @property
    def looks_at_results(self) -> bool:
        """Whether what comes out is awaited; Kling's own has kinds that make no file, and tests of its own for them."""
        return self.name != "kling"

    def __str__(self) -> str:
        return f"{self.name} by {self.transport}" if self.transport else self.name


def road_of(name: str, transport: str = "") -> Road:
    """A road by its provider's type; raises KeyError."""
    if transport not in ("", executable) or (transport and name != "picsart"):
        raise KeyError(f"{name} {transport}")
    return _roads[name](transport)


def _kling(_: str) -> Road:
    products = ("audio", "image", "video")
    return Road(
        "kling", native, KlingProvider(), KlingFake, _native_steps, {
            MediaType.IMAGE: (Made("hero"), Made("spot", "last_frame")),
            MediaType.VIDEO: tuple(map(Made, ("spot", "mute", "ten", "oldest", "older", "master"))),
            MediaType.AUDIO: (Made("line"),),
        },
        (("retired", "allowed"), *((key, f"{one}=1000000") for key in ("pool", "units") for one in products)),
    )  # fmt: skip


def _runware(_: str) -> Road:
    earlier = {**_clips, "oldest": {"kind": "text-to-video", "model": "kling-v1", "prompt": "a kettle"}}
    return Road(
        "runware", _catalogue("runware"), RunwareProvider(), RunwareFake, earlier,
        {**_pictures, MediaType.VIDEO: tuple(map(Made, ("spot", "mute", "ten", "oldest")))}, _pools("runware"),
        elsewhere=native,
    )  # fmt: skip


def _gateway(_: str) -> Road:
    return Road(
        "gateway", _catalogue("gateway"), GatewayProvider(), GatewayFake, _clips,
        {**_films, MediaType.IMAGE: (Made("hero"),)},  # a frame that is cut out has no address
        _pools("gateway"), elsewhere=native,
    )  # fmt: skip


def _picsart(transport: str) -> Road:
    earlier = {**_clips, "line": {"kind": "text-to-audio", "prompt": "rain on a roof"}}
    return Road(
        "picsart", _catalogue("picsart"), PicsartProvider(AdapterSettings(transport=transport)), PicsartFake, earlier,
        {**_pictures, **_films, MediaType.AUDIO: (Made("line"),)}, _pools("picsart"), transport, native,
    )  # fmt: skip


_roads: Mapping[str, Callable[[str], Road]] = {
    "kling": _kling, "runware": _runware, "gateway": _gateway, "picsart": _picsart,
}  # fmt: skip


def _catalogue(name: str) -> Catalogue:
    return load_catalogue(name, table[name].read)


def _pools(name: str) -> tuple[tuple[str, str], ...]:
    return tuple(("pool", f"{name}.{product}=1000000") for product in ("audio", "image", "video"))


native = _catalogue("kling")
_pictures: Mapping[MediaType, tuple[Made, ...]] = {MediaType.IMAGE: (Made("hero"), Made("spot", "last_frame"))}
_films: Mapping[MediaType, tuple[Made, ...]] = {MediaType.VIDEO: tuple(map(Made, ("spot", "mute", "ten")))}
_clips: Lines = {
    "hero": {"kind": "text-to-image", "prompt": "a keeper"},
    "spot": {"kind": "text-to-video", "model": "kling-v3", "prompt": "a kettle", "mode": "pro", "sound": True},
    "mute": {"kind": "text-to-video", "model": "kling-v3", "prompt": "a kettle", "sound": False, "duration": 4},
    "ten": {"kind": "text-to-video", "model": "kling-v3", "prompt": "a kettle", "sound": True, "duration": 10},
}
_native_steps: Lines = {
    "hero": {"kind": "text-to-image", "prompt": "a keeper"},
    "spot": {"kind": "text-to-video", "model": "kling-v2-6", "prompt": "p", "mode": "pro", "sound": True},
    "mute": {"kind": "text-to-video", "model": "kling-v3", "prompt": "p", "mode": "pro", "duration": 4},
    "ten": {"kind": "text-to-video", "model": "kling-v3", "prompt": "p", "sound": True, "duration": 10},
    "oldest": {"kind": "text-to-video", "model": "kling-v1", "prompt": "p"},
    "older": {"kind": "text-to-video", "model": "kling-v1-6", "prompt": "p", "duration": 10},
    "master": {"kind": "text-to-video", "model": "kling-v2-master", "prompt": "p"},
    "line": {"kind": "speech", "text": "good evening, and welcome to the show", "voice": "uk_man2", "language": "en"},
    "anna": {"kind": "element", "name": "Anna", "description": "a", "images": [f"{_at}/wide.png", f"{_at}/wide.png"]},
    "actor": {"kind": "element", "name": "Actor", "description": "a", "video": f"{_at}/hd.mp4"},
    "narrator": {"kind": "voice", "name": "narrator", "audio": f"{_at}/talk.mp3"},
}
