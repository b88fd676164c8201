"""How a command ends when it cannot do what was asked: the command line turns these into a sentence and a status."""

from __future__ import annotations


class UsageError(ValueError):
    """What was asked for cannot be done; the message is for the user. Exit status 2."""


class Stopped(Exception):
    """Ctrl-C; the message says what was kept. Exit status 130."""
