"""Integration of autonomous systems dy/dt = drift(y), one arithmetic a file."""

from __future__ import annotations

from numerics.integrate.float64 import Event, Observation, Solution, integrate

__all__ = ["Event", "Observation", "Solution", "integrate"]
