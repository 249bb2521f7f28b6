"""Runware: one path, arrays of tasks, batches in one request."""
