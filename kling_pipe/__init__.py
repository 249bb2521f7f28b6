"""kling-pipe: make for paid generative media. Nothing is imported here, so that starting up stays cheap."""

__version__ = "0.1.0"
