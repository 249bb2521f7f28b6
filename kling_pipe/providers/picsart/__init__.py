"""Picsart: workflows over HTTP, or its own executable."""
