"""The same map in balls: that an orbit diverges, for certain.

Where m < 0 and z > 1 one step lowers m by ε(z − 1) and multiplies z by (1 − m)² > 1: the region is never left, m goes
to −∞, and z grows faster than any geometric sequence. One state of a ball orbit that lies in it certainly is a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from numerics.errors import InputError
from numerics.precision import working_precision

if TYPE_CHECKING:
    from flint import arb

#: Precision of an orbit, unless another is asked for.
ORBIT_BITS: Final = 2000


@dataclass(frozen=True)
class EnclosedState:
    """A state that contains the exact one: after ``step`` steps m and z are in these balls."""

    step: int
    m: arb
    z: arb

    @property
    def trapped(self) -> bool:
        """Whether m < 0 and z > 1 certainly."""
        return bool(self.m < 0 and self.z > 1)


def enclosed_orbit(
    epsilon: Fraction, m: Fraction, z: Fraction, steps: int, bits: int = ORBIT_BITS
) -> list[EnclosedState]:
    """States after 0, 1 … steps from exact numbers; ends at the first that is trapped.

    InputError for ε ≤ 0, z ≤ 0 or a negative number of steps.
    """
    if not (epsilon > 0 and z > 0 and steps >= 0):
        raise InputError("A ball orbit needs epsilon > 0, z > 0 and a number of steps that is not negative.")
    from flint import arb, fmpq

    from numerics.balls.dyadic import square

    with working_precision(bits):
        rate, m_ball, z_ball = (arb(fmpq(v.numerator, v.denominator)) for v in (epsilon, m, z))
        found = [EnclosedState(0, m_ball, z_ball)]
        for step in range(1, steps + 1):
            if found[-1].trapped or not (m_ball.is_finite() and z_ball.is_finite()):
                break
            m_ball, z_ball = m_ball + rate * (1 - z_ball), square(1 - m_ball) * z_ball
            found.append(EnclosedState(step, m_ball, z_ball))
        return found
