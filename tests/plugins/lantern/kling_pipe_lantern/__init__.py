"""Lantern as a provider of kling-pipe: pictures, each for four cents."""

import os

from kling_pipe.providers.entry import Entry, later
from kling_pipe_lantern.profile import profile

entry = Entry(
    type="lantern",
    adapter=later("kling_pipe_lantern.adapter:LanternProvider"),
    folder=os.path.dirname(os.path.abspath(__file__)),
    fake="kling_pipe_lantern.fake:LanternFake",
    profile=profile,
)
