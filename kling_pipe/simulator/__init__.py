"""The embedded world; blind to providers."""
