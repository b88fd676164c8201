"""How a smallest width was found, step by step: the bound at one place with its numbers, and what settles it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy as sp

from verify.checks.enclosure_steps import Steps, in_balls, step
from verify.papers.multistage.explicit_bounds import Setting
from verify.papers.multistage.large_widths import Falling, Threshold, ball

_TERMS = 6
"""Terms of a bound that are printed, the largest ones at the width that was found."""

Decided = tuple[Setting, str, Falling, Threshold]


def told(decided: Iterable[Decided], bits: int) -> Steps:
    """The steps for the first place with α = 1, or the first of all, where some m is too small. Within the "
    "precision."""
    found = [one for one in decided if one[3].above is not None and one[3].below is not None]
    if not found:
        return []
    s, name, bound, width = min(found, key=lambda one: one[0].alpha != 1)
    above, below = width.above, width.below
    assert above is not None
    assert below is not None
    terms = sorted(bound.terms.items(), key=lambda one: -_size(one, above, s))
    shown = " + ".join(_term(*one) for one in terms[:_TERMS])
    others = len(terms) - _TERMS
    more = f" Of {len(terms)} terms these are the largest where it is decided." if others > 0 else ""
    here, before = (bound.at(ball(at), s.kappa) for at in (above, below))
    return [
        step(
            "What has to be below 1 is a sum of such terms: the bounds of the claims used are added, multiplied and "
            "taken to powers, and come out in this form again.",
            r"B(m) = \sum_i c_i\,\Lambda^{p_i} m^{-r_i}, \quad c_i \ge 0, \qquad \Lambda = \log m + \kappa, \quad "
            r"\kappa = \log\frac{2(d+1)}{\delta}",
        ),
        step(
            f"As an example {name} at $\\alpha = {sp.latex(sp.Rational(s.alpha))}$, $d = {s.dim}$, its coefficients "
            f"rounded for print.{more}",
            rf"B(m) \approx {shown}" + (r" + \cdots" if others > 0 else ""),
        ),
        step(
            "Once $\\Lambda$ is at least every $p_i/r_i$, no term rises any more. Below 1 at one such width means "
            "below 1 at every larger one.",
            r"\frac{d}{d\log m} \log\bigl(\Lambda^p m^{-r}\bigr) = \frac p\Lambda - r \le 0",
        ),
        step(
            f"The smallest such width by bisection, both sides of it {in_balls(bits)}. Below it the bound is above 1.",
            rf"\log m_0 = {float(above):.10g}\ldots: \quad B(m_0) = {here.str(10, radius=False)}\ldots < 1, "
            rf"\qquad \log m = {float(below):.10g}\ldots: \quad B(m) = {before.str(10, radius=False)}\ldots > 1",
        ),
        step("The same at every place of the table."),
    ]


def _size(one: tuple[tuple[Fraction, Fraction], object], at: Fraction, s: Setting) -> float:
    return float(Falling(dict([one])).at(ball(at), s.kappa).mid())  # type: ignore[list-item]


def _term(powers: tuple[Fraction, Fraction], c: object) -> str:
    p, r = powers
    made = str(sp.latex(sp.Float(float(c.mid()), 4)))  # type: ignore[attr-defined]
    if p:
        made += r"\,\Lambda" + (f"^{{{sp.Rational(p)}}}" if p != 1 else "")
    return made + (rf"\,m^{{{-sp.Rational(r)}}}" if r else "")
