"""The built-in activations in balls: values over real and complex boxes, and of power series.

Every one is odd, has slope 1 at zero, and is analytic in the strip |Im u| < ``strip``. Formulas are chosen so that
small arguments keep their relative accuracy, which tiny initial weights need.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import acb, arb, arb_series

from numerics.balls.dyadic import square
from numerics.expression import Tree


@dataclass(frozen=True)
class BallActivation:
    """σ with its derivatives.

    ``series(u)`` gives (σ(u), σ'(u)) of a power series, ``box(u)`` the same of a complex ball that lies in the strip,
    ``interval(u)`` (σ, σ', σ'') over a real ball. ``strip`` is None where σ is entire, or where ``box`` itself is not
    finite on a ball on which σ is not analytic. ``trees`` of a formula and its first two derivatives are used at
    u/``scale``.
    """

    name: str
    series: Callable[[arb_series], tuple[arb_series, arb_series]]
    box: Callable[[acb], tuple[acb, acb]]
    interval: Callable[[arb], tuple[arb, arb, arb]]
    strip: Callable[[], arb] | None
    odd: bool = True
    trees: tuple[Tree, Tree, Tree] | None = None
    scale: float = 1.0

    def in_strip(self, u: acb) -> bool:
        """Whether every point of the box is certainly where σ is analytic; not so for a NaN."""
        return bool(u.is_finite()) and (self.strip is None or bool(u.imag.abs_upper() < self.strip()))


def constant_term(series: arb_series, constant: arb) -> arb_series:
    """The series with another constant term."""
    return arb_series([constant, *series.coeffs()[1:]], series.prec)


def _first(series: arb_series) -> arb:
    return series[0]


def tanh_of_series(u: arb_series) -> arb_series:
    """tanh u, with small relative errors where u is small."""
    grown = (u + u).exp()
    less = constant_term(grown, (_first(u) * 2).expm1())  # e^{2u} − 1 without cancellation at u near 0
    return less / (less + 2)


def _tanh_series(u: arb_series) -> tuple[arb_series, arb_series]:
    t = tanh_of_series(u)
    return t, 1 - t * t


def _tanh_box(u: acb) -> tuple[acb, acb]:
    t = u.tanh()
    return t, 1 - t * t


def _tanh_interval(u: arb) -> tuple[arb, arb, arb]:
    t = u.tanh()
    s = 1 - t * t
    return t, s, -2 * t * s


def _root_pi_half() -> arb:
    return arb.pi().sqrt() / 2


def _erf_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return (u * _root_pi_half()).erf(), (u * u * (-arb.pi() / 4)).exp()


def _erf_box(u: acb) -> tuple[acb, acb]:
    return (u * _root_pi_half()).erf(), (u * u * (-arb.pi() / 4)).exp()


def _erf_interval(u: arb) -> tuple[arb, arb, arb]:
    slope = (square(u) * (-arb.pi() / 4)).exp()
    return (u * _root_pi_half()).erf(), slope, -arb.pi() / 2 * u * slope


def _arctan_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return u.atan(), (1 + u * u).inv()


def _arctan_box(u: acb) -> tuple[acb, acb]:
    return u.atan(), 1 / (1 + u * u)


def _arctan_interval(u: arb) -> tuple[arb, arb, arb]:
    slope = 1 / (1 + square(u))
    return u.atan(), slope, -2 * u * slope * slope


def _sin_series(u: arb_series) -> tuple[arb_series, arb_series]:
    s, c = u.sin_cos()
    return s, c


def _sin_box(u: acb) -> tuple[acb, acb]:
    return u.sin(), u.cos()


def _sin_interval(u: arb) -> tuple[arb, arb, arb]:
    s, c = u.sin_cos()
    return s, c, -s


def _rational_series(u: arb_series) -> tuple[arb_series, arb_series]:
    g = (1 + u * u).rsqrt()
    return u * g, g * g * g


def _rational_box(u: acb) -> tuple[acb, acb]:
    # In the strip |Im u| < 1 the real part of 1 + u² is positive: the principal root is the analytic one.
    g = (1 + u * u).rsqrt()
    return u * g, g * g * g


def _rational_interval(u: arb) -> tuple[arb, arb, arb]:
    g = (1 + square(u)).rsqrt()
    cubed = g * g * g
    return u * g, cubed, -3 * u * cubed * g * g


def _gd_series(u: arb_series) -> tuple[arb_series, arb_series]:
    grown = u.exp()
    return tanh_of_series(u / 2).atan() * 2, 2 * grown / (1 + grown * grown)


def _gd_box(u: acb) -> tuple[acb, acb]:
    # tanh maps the strip |Im u/2| < π/4 into the unit disc, where the principal arctan is analytic.
    return (u / 2).tanh().atan() * 2, 1 / u.cosh()


def _gd_interval(u: arb) -> tuple[arb, arb, arb]:
    slope = 1 / u.cosh()
    return (u / 2).tanh().atan() * 2, slope, -u.tanh() * slope


def _half_pi() -> arb:
    return (arb.pi() / 2).lower()


def _one() -> arb:
    return arb(1)


BALL_ACTIVATIONS: dict[str, BallActivation] = {
    "tanh": BallActivation("tanh", _tanh_series, _tanh_box, _tanh_interval, _half_pi),
    "erf": BallActivation("erf", _erf_series, _erf_box, _erf_interval, None),
    "arctan": BallActivation("arctan", _arctan_series, _arctan_box, _arctan_interval, _one),
    "sin": BallActivation("sin", _sin_series, _sin_box, _sin_interval, None),
    "rational": BallActivation("rational", _rational_series, _rational_box, _rational_interval, _one),
    "gd": BallActivation("gd", _gd_series, _gd_box, _gd_interval, _half_pi),
}
