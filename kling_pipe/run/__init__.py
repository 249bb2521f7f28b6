"""Plan to events: pure decisions and the one driver that performs them."""
