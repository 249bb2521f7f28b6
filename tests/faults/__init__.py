"""Every fault of the simulator against a storyboard, and the table in `docs/faults.md`."""
