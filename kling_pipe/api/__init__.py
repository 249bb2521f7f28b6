"""The verbs as a library."""
