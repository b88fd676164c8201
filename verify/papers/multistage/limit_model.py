"""The reduced descent of an infinitely wide draw, written out by hand: the witness for false laws at large widths.

Where the sums over neurons equal their means, A = B = ½ m ε² and (16) is solved by a_k ± w_k^(1) ∝ e^{±s} with
ds = (1 − P) dt. Everything here is a quadrature or a root in `mpmath`; it knows neither `theory` nor the simulations.
Left out are the fluctuations of a draw, O(m^{−1/2}), and the cubic term of σ, O(1/m).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import mpmath as mp


@cache
def limit_values(m: float, alpha: float, gamma: float, dim: int, zeta: float) -> Mapping[str, float]:
    """The quantities of `grid_runs.measured` that do not need the cubic term; "largest" is a mean."""
    with mp.workdps(30):
        A = mp.mpf(m) ** (1 - 2 * mp.mpf(alpha)) / 2
        first = mp.mpf(gamma) * mp.log(m)

        def elapsed(s: mp.mpf) -> mp.mpf:
            return mp.quad(lambda r: 1 / (1 - 2 * A * mp.sinh(2 * r)), mp.linspace(0, s, 9))

        at = mp.findroot(
            lambda s: elapsed(s) - first, (first * mp.mpf("0.9"), first), solver="secant", tol=1e-20
        )
        end = mp.asinh((1 - mp.mpf(zeta)) / (2 * A)) / 2
        second = elapsed(end)
        P, Q = 2 * A * mp.sinh(2 * at), 2 * A * mp.cosh(2 * at)
        across = (dim - 1) * 2 * A
        decay = (P - P**2 / 2) / first
        rest = (1 - zeta - mp.mpf(1 - zeta) ** 2 / 2 - P + P**2 / 2) / (second - first)
        later = 2 * A * mp.cosh(2 * end)
        largest = mean_largest(m)
        found = {
            "Σa²": Q,
            "Σw²": Q,
            "P": P,
            "decay": decay,
            "imbalance": (Q - P) / P,
            "coupling": mp.sqrt(2 * (Q - P) / Q),
            "across": across / (Q + across),
            "amplitudes": mp.sqrt((2 * (Q - P) + across) / Q),
            "gradient": 1 - (1 - P) * mp.sqrt(2 * Q / (2 * Q + across)),
            "largest": largest,
            "square": mp.mpf(1),
            "q": largest * mp.exp(at) * mp.mpf(m) ** -mp.mpf(alpha) / mp.sqrt(2),
            "deviation": mp.exp(first - at) - 1,
            "V ratio": mp.mpf(1),
            "T_2": second,
            "fall ratio": rest / decay,
            "q at T_2": largest * mp.exp(end) * mp.mpf(m) ** -mp.mpf(alpha) / mp.sqrt(2),
            "imbalance at T_2": (later - (1 - zeta)) / (1 - zeta),
        }
        return {name: float(value) for name, value in found.items()}


def mean_largest(m: float) -> float:
    """E max_k |N_k| of m independent standard normal variables, from the exact distribution function."""
    with mp.workdps(20):

        def tail(x: mp.mpf) -> mp.mpf:
            return -mp.expm1(m * mp.log1p(-mp.erfc(x / mp.sqrt(2)))) if x > 0 else mp.mpf(1)

        top = math.sqrt(2 * math.log(2 * m))
        return float(mp.quad(tail, [0, top / 2, top, top + 2, top + 6]))
