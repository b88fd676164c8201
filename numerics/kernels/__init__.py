"""Faster ways to the drift of a network, each for a structure that is there: the plain sums stay the reference.

``moments`` (d = 1, an odd polynomial or small weights), ``recurrence`` (tanh at equidistant positive points) and
``fused`` (tanh and u/√(1 + u²), any data); the last two are compiled by numba. They agree with the plain sums to
rounding. ``numerics.network`` chooses; ``load()`` loads the compiled ones ahead of time.
"""

from __future__ import annotations

from numerics.kernels.choice import NAMES, Choice, choose
from numerics.kernels.loading import load

__all__ = ["NAMES", "Choice", "choose", "load"]
