"""A Storyboard becomes a Plan; pure functions of values."""
