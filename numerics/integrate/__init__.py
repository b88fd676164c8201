"""Integration of autonomous systems dy/dt = drift(y), one arithmetic a file."""

from __future__ import annotations

from numerics.integrate.float64 import Event, Solution, integrate

__all__ = ["Event", "Solution", "integrate"]
