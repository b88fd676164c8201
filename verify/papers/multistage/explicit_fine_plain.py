"""The sharper bounds once more, by mpmath and written out: where the stated widths come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from verify.papers.multistage.explicit_terms import Setting


NAMES = frozenset(
    {
        "Proposition 8",
        "(27), q",
        "(27), P",
        "(35), sum",
        "(35), difference",
        "(43), q",
        "(43), P",
        "(43) in full, q",
        "(43) in full, P",
        "(43), T₂",
        "(40)",
        "(41)",
        "(55)",
        "(50)",
        "(46)",
        "(61)",
        "(54)",
        "(57)",
    }
)
"""Those of the conditions that are written out here; the others are in `explicit_plain`."""


def _number(value: Any) -> Any:
    return mp.mpf(value.numerator) / value.denominator


def plateau(s: Setting, log_m: Any, share: Any) -> dict[str, Any]:
    """Numbers at the end T = share · (α − ½) log m of an interval on which q ≤ K x e^{t−T}."""
    alpha, K, L, F = (_number(v) for v in (s.alpha, s.room, s.L, s.F))
    d, m, half = s.dim, mp.exp(log_m), mp.mpf(1) / 2
    gamma = share * (alpha - half)
    logarithm = log_m + mp.log(2 * (d + 1) / _number(s.level))
    D, first = mp.sqrt(_number(s.square)), mp.sqrt(mp.mpf(3) / 2)
    q = K * mp.sqrt(2 * d * logarithm) * m ** (gamma - alpha)
    odd = {3: L * D**3 * F, 5: 2 * m * L * D**4, 7: m * L**2 * D**6}

    def pulled(shift: int) -> Any:
        return mp.sqrt(m) * sum(c * q**p / (p + shift) for p, c in odd.items())

    unit, begin = m ** (half - alpha + gamma), m ** (half - alpha)
    V = first * begin + pulled(0)
    y = first * unit + pulled(-1)
    lack = begin**2 / 4 + ((d - 1) * V**2 * y**2 / 2 + 2 * y * pulled(1)) / 2
    forward = (d - 1) * V**2 * y * gamma * logarithm + mp.sqrt(2) * pulled(-1)
    backward = (d - 1) * V**2 * y / 2 + mp.sqrt(2) * pulled(1)
    return {
        "unit": unit,
        "begin": begin,
        "gamma": gamma,
        "V": V,
        "y": y,
        "lack": lack,
        "growth": pulled(0),
        "norm": lack + mp.sqrt(2 * (d - 1)) * V * y + sum(c * q ** (p - 1) / (p - 1) for p, c in odd.items()),
        "sum": first * unit + forward,
        "lost": mp.sqrt(half) * y**2 / 2 + forward / unit,
        "difference": (1 + y**2) * (first * m ** (-2 * gamma) + backward / unit),
        "end": mp.sqrt(m) * sum(c * q**p for p, c in odd.items()),
    }


def values(s: Setting, log_m: Any) -> dict[str, Callable[[], Any]]:
    """Each condition by its name, as a function that returns what has to be below 1 at this width."""
    alpha, g, K, theta, zeta, exponent, L, F = (
        _number(v) for v in (s.alpha, s.share, s.room, s.slack, s.zeta, s.plateau, s.L, s.F)
    )
    d, m, half = s.dim, mp.exp(log_m), mp.mpf(1) / 2
    one = plateau(s, log_m, g)

    def late() -> dict[str, Any]:
        return plateau(s, log_m, 1 - theta)

    def full() -> dict[str, Any]:
        return plateau(s, log_m, mp.mpf(1))

    kappa = mp.log(2 * (d + 1) / _number(s.level))
    D, rate = mp.sqrt(_number(s.square)), 2 - theta

    def B(q: Any) -> Any:
        return L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7

    unit = mp.sqrt(128 * K**2 * d * (log_m + kappa) / 3 / m)
    during = mp.sqrt(m) * B(unit) * mp.log(1 / zeta) / rate
    V = mp.sqrt(mp.mpf(3) / 2) * one["begin"] + one["growth"] + during
    h = 2 * mp.sqrt(m) * B(unit)
    drift = (2 * (d - 1) * V**2 + h) / (zeta * rate)
    apart = 64 * one["difference"] / 15
    more = mp.sqrt(m) * B(2 * unit) * m**exponent
    least = theta * one["begin"] / mp.sqrt(2)
    u = ((d - 1) * V**2 + h) / zeta
    wait = mp.log(128 * (1 - zeta) / (15 * zeta)) / (2 * (alpha - half) * theta)
    return {
        "Proposition 8": lambda: (
            256 * mp.log(4 * (d + 1) / _number(s.level)) / (9 * _number(s.bernstein) * m)
        ),
        "(27), q": lambda: one["norm"] / mp.log(K),
        "(27), P": lambda: one["y"] ** 2 / (1 - zeta),
        "(35), sum": lambda: one["lost"] / (mp.sqrt(half) - half),
        "(35), difference": lambda: 8 * one["difference"],
        "(43), q": lambda: late()["norm"] / mp.log(K),
        "(43), P": lambda: late()["sum"] ** 2 / (2 * (1 - zeta)) + 2 * late()["lack"],
        "(43) in full, q": lambda: full()["norm"] / mp.log(K),
        "(43) in full, P": lambda: full()["sum"] ** 2 / (2 * (1 - zeta)) + 2 * full()["lack"],
        "(43), T₂": lambda: (kappa + wait * (1 + u)) / (log_m + kappa) + u * (1 - g) / theta,
        "(40)": lambda: 2 * one["difference"] * m ** (2 * one["gamma"]) / 3,
        "(41)": lambda: 16 * (one["V"] / one["begin"]) ** 2 / 27,
        "(55)": lambda: (
            (
                one["y"] ** 2
                + mp.sqrt(2 * (d - 1)) * one["V"] * one["y"]
                + 3 * one["end"] / one["unit"]
                + 9 * (d - 1) * (one["V"] / one["unit"]) ** 2 / 4
            )
            / theta
        ),
        "(50)": lambda: (apart + drift) / theta,
        "(46)": lambda: (one["growth"] + during) / least,
        "(61)": lambda: (one["growth"] + during + more) / least,
        "(54)": lambda: (2 * mp.sqrt(d - 1) * V + h / 2 + (d - 1) * V**2 * zeta / 2) / (theta * zeta),
        "(57)": lambda: (apart * one["y"] ** 2 / (1 - zeta) + drift) * (1 / theta + half),
    }
