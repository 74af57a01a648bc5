"""Checks of `newsman doctor`, a file for each kind of thing."""
