"""Kills runs at random instants and right after creates, and checks that nothing is paid twice or lost."""
