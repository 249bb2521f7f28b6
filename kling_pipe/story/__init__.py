"""Text becomes a Storyboard; pure functions of values."""
