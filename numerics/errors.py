"""The one root of errors that a user of ``numerics`` can cause."""

from __future__ import annotations


class InputError(ValueError):
    """Something given from outside cannot be used; the message says what, where, and what to do."""
