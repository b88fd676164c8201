"""How a smallest width was found, step by step: the bound at one place with its numbers, and what settles it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from verify.checks.enclosure_steps import Steps, in_balls, step
from verify.papers.multistage.explicit_terms import Setting
from verify.papers.multistage.explicit_widths import log_width
from verify.papers.multistage.large_widths import Falling

if TYPE_CHECKING:
    from flint import arb

    from verify.papers.multistage.explicit_claim import Decided

_TERMS = 6
"""Terms of a bound that are printed, the largest ones at the width that was found."""


def told(decided: Iterable[Decided], bits: int) -> Steps:
    """The steps for the widest bound at α = 1, or at the first scale, that has a least width. Within the precision."""
    found = [one for one in decided if one.finding == "holds" and one.width]
    if not found:
        return []
    chosen = min(found, key=lambda one: (one.setting.alpha != 1, one.setting.dim, -(one.width or 0)))
    s, name, bound, width = chosen.setting, chosen.name, chosen.bound, chosen.width
    assert bound is not None
    assert width is not None
    above, below = log_width(width), log_width(width - 1)
    terms = sorted(bound.terms.items(), key=lambda one: -_size(one, above, s))
    shown = " + ".join(_term(*one) for one in terms[:_TERMS])
    others = len(terms) - _TERMS
    more = f" Of {len(terms)} terms these are the largest where it is decided." if others > 0 else ""
    here, before = (bound.at(at, s.kappa) for at in (above, below))
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
            "The width that is stated comes from the same bound written out by hand. Here both sides of it are "
            f"evaluated {in_balls(bits)}.",
            rf"m_0 = 10^{{{width / 100:.2f}}}: \quad B(m_0) = {here.str(10, radius=False)}\ldots < 1, "
            rf"\qquad m = 10^{{{(width - 1) / 100:.2f}}}: \quad B(m) = {before.str(10, radius=False)}\ldots > 1",
        ),
        step("The same at every place of the table."),
    ]


def _size(one: tuple[tuple[Fraction, Fraction], arb], at: arb, s: Setting) -> float:
    return float(Falling(dict([one])).at(at, s.kappa).mid())


def _term(powers: tuple[Fraction, Fraction], c: arb) -> str:
    p, r = powers
    made = str(sp.latex(sp.Float(float(c.mid()), 4)))
    if p:
        made += r"\,\Lambda" + (f"^{{{sp.Rational(p)}}}" if p != 1 else "")
    return made + (rf"\,m^{{{-sp.Rational(r)}}}" if r else "")
