"""The measured client: one `run` of the library against a service on a socket; writes what it took as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import os

from bench.measure import largest
from kling_pipe.api.options import Callbacks, Options
from kling_pipe.api.running import World, run
from kling_pipe.events import Event, JobSubmitted
from kling_pipe.run.driver import StopSwitch
from kling_pipe.values.profile import FolderUploads


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench.client", description=__doc__)
    parser.add_argument("storyboard")
    parser.add_argument("address")
    parser.add_argument("speed", type=float)
    parser.add_argument("jobs", type=int)
    parser.add_argument("result")
    parser.add_argument("--callbacks", action="store_true", help="let the service tell of tasks by itself")
    parser.add_argument("--secret", default="", help="what it signs with")
    parser.add_argument("--provider", default="", help="the profile, where it is not the storyboard's")
    asked = parser.parse_args(words)
    uploads = FolderUploads(os.path.join(os.path.dirname(asked.storyboard), "uploads"), f"{asked.address}/uploads")
    world = World(None, asked.address, asked.speed, "simulated-key", uploads, asked.secret)
    members: dict[str, str] = {}

    def listen(event: Event) -> None:
        if isinstance(event, JobSubmitted):
            members[event.external_id] = members[event.task_id] = event.member

    callbacks = Callbacks("", 0) if asked.callbacks else None
    environment = dict(os.environ)
    options = Options(
        simulate=True, jobs=asked.jobs, callbacks=callbacks, environment=environment, provider=asked.provider
    )
    ended = asyncio.run(run(asked.storyboard, options, listen, StopSwitch(), world))
    told = {
        "code": ended.exit_code, "done": ended.done, "seconds": ended.seconds, "requests": ended.status_requests,
        "members": members, "megabytes": largest(),
    }  # fmt: skip
    with open(asked.result, "w", encoding="utf-8") as file:
        json.dump(told, file)


if __name__ == "__main__":
    main()
