"""Plain values shared by every room; imports the standard library only."""
