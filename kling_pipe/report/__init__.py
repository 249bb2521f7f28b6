"""Listeners and renderers; the only room besides commands that prints."""
