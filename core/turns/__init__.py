"""Turns: what one thing that somebody did leads to. A module for each thing that a turn can be about."""
