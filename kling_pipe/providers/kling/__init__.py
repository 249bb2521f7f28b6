"""Kling's own API, both request standards."""
