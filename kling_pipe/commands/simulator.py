"""`kling-pipe simulator`: serves the simulated providers on a port, for any client."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable

import click

from kling_pipe.commands import face
from kling_pipe.commands.simulation import application_of, environment_of, read_settings
from kling_pipe.commands.surface import Surface
from kling_pipe.errors import UsageFailure


@face.command(
    "simulator",
    "kling-pipe simulator",
    "kling-pipe simulator --port 8700 --speed 20",
    "kling-pipe simulator --fault lost-after=0.1 --fault throttled=#3 --seed 7",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True, help="0 chooses a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--speed", default="1", show_default=True, help="Simulated seconds that pass in a real one.")
@click.option("--seed", default="0", show_default=True, help="What all chance is drawn from.")
@click.option("--fault", multiple=True, metavar="NAME=P", help="A fault and how often, or NAME=#3 for the third time.")
@click.option("--pool", multiple=True, metavar="PRODUCT=N", help="Tasks of a product at once, such as video=5.")
@click.option("--units", multiple=True, metavar="PRODUCT=N", help="Units in a product's pack, such as video=1000.")
@click.option("--rate", default="0", help="Requests a second before 1302; 0 means no limit.")
@click.option("--retired", type=click.Choice(["refused", "allowed"]), default="refused", help="Requests to old models.")
@click.option("--webhook-secret", default="", metavar="SECRET", help="Sign callbacks with this `whsec_…`.")
@click.option("--setting", multiple=True, metavar="NAME=VALUE", help="Any other setting, such as callback-losses=0.1.")
@click.option("--uploads", default="", metavar="DIR", help="Folder served under /uploads.")
@click.option("--media", type=click.Choice(["full", "small"]), default="full", help="Size of the files made.")
@click.option("--folder", default="", metavar="DIR", help="Where files are kept; a passing one by default.")
def command(surface: Surface, port: int, host: str, folder: str, **shape: str | tuple[str, ...]) -> None:
    """Serve the simulated providers until Ctrl-C: real protocols, real media, no money.

    The first stands at the root of the address, every other under its name; the variables printed lead there.

    Bills, tasks and faults can be read at /simulator/bills, /simulator/tasks and /simulator/faults.

    Faults: lost-before, lost-after, error-before, error-after, throttled, throttled-bare, over-quota,
    unauthorized-once, moderated, moderated-late, failed-late, stuck, slow, malformed, truncated, expired;
    docs/faults.md says what becomes of each. `SERVICE/NAME=P` strikes at one service alone; so do `--pool
    SERVICE.PRODUCT=N` and `--units`, where `SERVICE.balance=N` is the money of one that bills in money.

    Other settings: account (good, abnormal, arrears, forbidden, blocked), forbidden (a path or model), skew,
    url-lifetime, delay, retry-after, callback-losses, callback-repeats, callback-disorder (shares from 0 to 1),
    answers (`SERVICE=FORM` of a service that has several forms of answers).
    """
    from kling_pipe.simulator.server import serve
    from kling_pipe.simulator.server_fetch import fetch

    settings = read_settings(_pairs(shape))
    with tempfile.TemporaryDirectory(prefix="kling-pipe-world-", ignore_cleanup_errors=True) as passing:
        app = application_of(settings, os.path.abspath(folder or passing), fetch=fetch)
        try:
            serve(app, host, port, _ready(surface, settings.keys[0], settings.pairs[0]))
        except SystemExit:  # uvicorn's way of saying that it could not listen
            raise _cannot_listen(host, port) from None
        except KeyboardInterrupt:
            surface.say("the simulator has stopped")


def _pairs(shape: dict[str, str | tuple[str, ...]]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in shape.items():
        texts = value if isinstance(value, tuple) else (value,)
        pairs += [_pair(text) if name == "setting" else (name.replace("_", "-"), text) for text in texts if text]
    return pairs


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


def _ready(surface: Surface, key: str, pair: tuple[str, str]) -> Callable[[str], None]:
    def ready(url: str) -> None:
        environment = environment_of(url, key)
        if surface.json:
            from kling_pipe.report.envelope import envelope, envelope_text

            text = envelope_text(envelope("simulator", 0, {"url": url, "environment": environment}))
        else:
            lines = [f"export {name}={value}" for name, value in environment.items()]
            text = f"simulator ready at {url}\n" + "".join(f"  {line}\n" for line in lines)
        sys.stdout.write(text)
        sys.stdout.flush()
        surface.say(
            "".join(f"or, with a key pair: {words}\n" for words in _pairs_of(pair))
            + "next: set these where you run `kling-pipe run storyboard.yaml`; Ctrl-C ends the simulator"
        )

    return ready


def _pairs_of(pair: tuple[str, str]) -> list[str]:
    """How the key pair is given to the services that take one."""
    from kling_pipe.providers.table import table

    profiles = [entry.profile for entry in table.values()]
    return [
        f"{profile.access_key.variable}={pair[0]} {profile.secret_key.variable}={pair[1]}"
        for profile in profiles
        if profile.access_key and profile.secret_key
    ]


def _cannot_listen(host: str, port: int) -> UsageFailure:
    return UsageFailure(
        "cannot-listen",
        f"`{host}:{port}` cannot be listened on",
        hint="another program may hold it: `--port 0` chooses a free one",
    )
