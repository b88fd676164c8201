"""The built-in activations, written again: series by ∫ σ'(u) u', complex boxes, real balls with σ''."""

from __future__ import annotations

from typing import Any

from flint import arb, arb_series


def _along(u: arb_series, value: arb, slope: arb_series) -> tuple[arb_series, arb_series]:
    """σ(u) = σ(u₀) + ∫ σ'(u) u', from σ(u₀) and the series of σ'(u)."""
    return (slope * u.derivative()).integral() + value, slope


def _tanh_series(u: arb_series) -> tuple[arb_series, arb_series]:
    grown = (2 * u).exp() + 1
    return _along(u, u[0].tanh(), 4 * (grown - 1) / (grown * grown))


def _erf_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return _along(u, (u[0] * arb.pi().sqrt() / 2).erf(), (-(u * u) * arb.pi() / 4).exp())


def _arctan_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return _along(u, u[0].atan(), 1 / (1 + u * u))


def _sin_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return _along(u, u[0].sin(), u.cos())


def _rational_series(u: arb_series) -> tuple[arb_series, arb_series]:
    root = (1 + u * u).sqrt()
    return u / root, 1 / (root * root * root)


def _gd_series(u: arb_series) -> tuple[arb_series, arb_series]:
    return _along(u, u[0].sinh().atan(), 2 / (u.exp() + (-u).exp()))


def _square(u: arb) -> arb:
    """u² over a real ball; of u**2 python-flint makes NaN where the ball is centred at 0."""
    return (u * u).nonnegative_part()


SERIES = {
    "tanh": _tanh_series,
    "erf": _erf_series,
    "arctan": _arctan_series,
    "sin": _sin_series,
    "rational": _rational_series,
    "gd": _gd_series,
}
BOX: dict[str, Any] = {
    "tanh": lambda u: (u.tanh(), 1 - u.tanh() ** 2),
    "erf": lambda u: ((u * arb.pi().sqrt() / 2).erf(), (-(u**2) * arb.pi() / 4).exp()),
    "arctan": lambda u: (u.atan(), 1 / (1 + u**2)),
    "sin": lambda u: (u.sin(), u.cos()),
    "rational": lambda u: (u * (1 + u**2).rsqrt(), (1 + u**2).rsqrt() ** 3),
    "gd": lambda u: (2 * (u / 2).tanh().atan(), 1 / u.cosh()),
}
REAL: dict[str, Any] = {
    "tanh": lambda u: (u.tanh(), 1 - _square(u.tanh()), -2 * u.tanh() * (1 - _square(u.tanh()))),
    "erf": lambda u: (
        (u * arb.pi().sqrt() / 2).erf(),
        (-(_square(u)) * arb.pi() / 4).exp(),
        -u * arb.pi() / 2 * (-(_square(u)) * arb.pi() / 4).exp(),
    ),
    "arctan": lambda u: (
        u.atan(),
        1 / (1 + _square(u)),
        -2 * u * (1 / (1 + _square(u))) * (1 / (1 + _square(u))),
    ),
    "sin": lambda u: (u.sin(), u.cos(), -u.sin()),
    "rational": lambda u: (
        u / (1 + _square(u)).sqrt(),
        (1 + _square(u)).rsqrt() * (1 / (1 + _square(u))),
        -3 * u * (1 + _square(u)).rsqrt() * (1 / (1 + _square(u))) * (1 / (1 + _square(u))),
    ),
    "gd": lambda u: (2 * (u / 2).tanh().atan(), 1 / u.cosh(), -u.tanh() / u.cosh()),
}
#: Half the width of the strip about the real axis in which σ is analytic; 3/2 is below π/2.
STRIP = {
    "tanh": arb(3) / 2,
    "gd": arb(3) / 2,
    "arctan": arb(1),
    "rational": arb(1),
    "erf": None,
    "sin": None,
}
