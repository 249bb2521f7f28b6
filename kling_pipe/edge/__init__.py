"""Network, disk, clock, credentials."""
