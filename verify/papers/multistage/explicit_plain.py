"""The bounds of the explicit steps once more, by mpmath and written out: where the stated widths come from.

Nothing here knows of terms and powers: every bound is a number at one width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mpmath import mp

if TYPE_CHECKING:
    from verify.papers.multistage.explicit_terms import Setting

Values = Mapping[str, Any]


def _number(value: Any) -> Any:
    return mp.mpf(value.numerator) / value.denominator


def values(s: Setting, log_m: Any) -> dict[str, Callable[[], Any]]:
    """Each condition by its name, as a function that returns what has to be below 1 at this width."""
    alpha, gamma, K, vartheta, zeta, exponent, L, F = (
        _number(v) for v in (s.alpha, s.gamma, s.room, s.slack, s.zeta, s.plateau, s.L, s.F)
    )
    d, m = s.dim, mp.exp(log_m)
    Lambda = log_m + mp.log(2 * (d + 1) / _number(s.level))
    D = mp.sqrt(_number(s.square))
    x = mp.sqrt(2 * d * Lambda) * m ** (gamma - alpha)

    def B(q: Any) -> Any:
        return L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7

    def loss(q: Any) -> Any:
        return m * q**2 + (m * q**2) ** 2 / 2 + bent(q)

    def bent(q: Any) -> Any:
        return m * L * D**3 * F * q**4 + m**2 * L * D**4 * q**6 + (m * L * D**3 * q**4) ** 2 / 2

    # ∫ of powers of e^s from −∞: q^p becomes q^p/(p − 1) under e^{−s}, and q^p/p without.
    q = K * x
    odd = {3: m + L * D**3 * F, 5: 2 * m * L * D**4, 7: m * L**2 * D**6}
    phi = sum(c * q**p / (p - 1) for p, c in odd.items()) / x
    odd[3] = L * D**3 * F
    grown = mp.sqrt(m) * sum(c * q**p / p for p, c in odd.items())

    unit = mp.sqrt(128 * K**2 * d * Lambda / 3 / m)  # √(λ/m), the bound of q at P = 1
    whole, rate = mp.log(1 / zeta), 2 - vartheta
    V = mp.sqrt(mp.mpf(3) / 2) * m ** (mp.mpf(1) / 2 - alpha) + grown + mp.sqrt(m) * B(unit) * whole / rate
    V2, h = (d - 1) * V**2, 2 * mp.sqrt(m) * B(unit)
    tau = ((2 * alpha - 1 - 2 * gamma) * Lambda + mp.log(32 * (1 - zeta) / (3 * zeta))) / rate
    defect = loss(q) + 2 * V2 + bent(unit)
    gain = (1 - zeta**2) / 2
    late = 2 * unit
    length = m**exponent
    V_late = V + mp.sqrt(m) * B(late) * length
    V2_late, h_late = (d - 1) * V_late**2, 2 * mp.sqrt(m) * B(late) / mp.sqrt(1 - 2 * zeta)
    shift = (V2_late + h_late) / 2
    relative = 8 * d * Lambda * (2 * phi + phi**2)
    drift = 4 * mp.sqrt(V2) * mp.log(4 / zeta) / rate + 2 * (B(unit) / unit + h) * whole / rate + 2 * V2 * tau
    along = length * (shift + B(late) / late)
    along += mp.sqrt(length * (d - 1)) * (V / mp.sqrt(2) + mp.sqrt(m) * B(late) * length)
    slow = ((1 + vartheta) * zeta) ** 2 / 2 + 4 * (1 + 2 * zeta) * V2_late + 2 * bent(late)
    steady = (
        (2 * alpha - 1 - 2 * gamma) * (1 + Lambda - log_m) + mp.log(32 * (1 - zeta) / (3 * zeta))
    ) / rate
    return {
        "(34)": lambda: phi / (K - 1),
        "(30)": lambda: grown / (m ** (mp.mpf(1) / 2 - alpha) / mp.sqrt(2)) / vartheta,
        "(39)": lambda: 2 * loss(q) / vartheta,
        "first part of (35)": lambda: 12 * m ** (-4 * gamma),
        "second part of (35)": lambda: 8 * relative / 3,
        "(36)": lambda: 4 * (32 * m ** (-4 * gamma) + 256 * d * Lambda * phi**2 / 3),
        "(47)": lambda: (V2 + h) / (min(vartheta, _number(s.across_share), _number(s.rest_share)) * zeta),
        "(52), q": lambda: drift / mp.log(2),
        "(52), Q": lambda: 4 * (2 * V2 + h) / (zeta * rate),
        "(53)": lambda: defect / (vartheta * gain),
        "(3)": lambda: 2 * loss(q) * steady / gamma / (vartheta * (1 - vartheta) * gain),
        "(59)": lambda: (gamma * Lambda + tau) / length / vartheta,
        "(63)": lambda: shift / (vartheta * zeta),
        "(64), q": lambda: along / (mp.log(2) - zeta / (2 * (1 - 2 * zeta))),
        "(64), Q": lambda: (
            length * (2 * V2_late + h_late) * 2 * (1 + 2 * zeta) / (mp.sqrt(3) * (1 - 2 * zeta) - (1 - zeta))
        ),
        "(60)": lambda: slow * tau / length / (vartheta * (1 - vartheta) * gain),
    }
