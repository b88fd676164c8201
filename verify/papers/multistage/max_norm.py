"""Lemma 1 with the largest entry in place of the 2-norm of w_k, and D as it is: false, by exact networks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp

from theory.estimates import D, F, L, q
from theory.symbols import width
from verify.checks.guard import guarded
from verify.claim import Check
from verify.context import Context
from verify.evidence import JSON, Evidence, Verdict
from verify.papers.multistage.estimates import BOUND, search_check
from verify.papers.multistage.paper import paper

_CUBIC = Fraction(1, 3)
"""σ(u) = u + u³/3, so that L = 1."""


@dataclass(frozen=True)
class Example:
    """m equal neurons (a; w, …, w) at entry = a = w, and inputs with equal masses; the target is f* = slope · x₁."""

    dim: int
    width: int
    entry: Fraction
    slope: Fraction
    inputs: tuple[tuple[int, ...], ...]

    @property
    def whitened(self) -> bool:
        """Second moments I, so that with f* = slope · x₁ every hypothesis on ρ and f* holds."""
        return all(
            sum(x[i] * x[j] for x in self.inputs) == (len(self.inputs) if i == j else 0)
            for i, j in product(range(self.dim), repeat=2)
        )


def _pair(dim: int) -> tuple[tuple[int, ...], ...]:
    return ((1,) * dim, (-1,) * dim)


_ROWS = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1))

EXAMPLES = (
    *(Example(d, 1, Fraction(1, 100), Fraction(-1), _pair(d)) for d in (2, 3, 9)),
    Example(4, 1000, Fraction(1, 10), Fraction(1), tuple(tuple(s * e for e in row) for row in _ROWS for s in (1, -1))),
)  # fmt: skip


def squares(example: Example) -> tuple[Fraction, Fraction]:
    """(f_k², ‖g_k‖²) of (8) and (9), summed over the inputs in fractions."""
    a, c, n = example.entry, _CUBIC, len(example.inputs)
    f, g = Fraction(0), [Fraction(0)] * example.dim
    for x in example.inputs:
        u = example.entry * sum(x)
        bent = example.width * a * c * u**3
        residual = example.width * a * u + bent - example.slope * x[0]
        f -= (residual * c * u**3 + bent * u) / n
        pull = a * (residual * 3 * c * u**2 + bent) / n
        g = [gi - pull * xi for gi, xi in zip(g, x, strict=True)]
    return f**2, sum((gi**2 for gi in g), Fraction(0))


def stated(example: Example) -> sp.Expr:
    """The right side of (12) with q = max_k max(|a_k|, max_i |w_k^(i)|); D = √d, F = |slope|, L = 1."""
    values = {
        L: sp.S.One,
        D: sp.sqrt(example.dim),
        F: _exact(abs(example.slope)),
        q: _exact(example.entry),
        width: sp.Integer(example.width),
    }
    return BOUND.xreplace(values)


def _exact(value: Fraction) -> sp.Expr:
    return sp.Rational(value.numerator, value.denominator)


def exact_check() -> Check:
    """Both sides squared and compared in ℚ(√d)."""

    @guarded("symbolic")
    def run(context: Context) -> Evidence:
        rows: list[JSON] = []
        broken = []
        for one in EXAMPLES:
            largest, limit = max(squares(one)), stated(one)
            breaks = bool(sp.simplify(_exact(largest) - sp.expand(limit**2)).is_positive)
            over = float(sp.sqrt(_exact(largest)) / limit)
            rows.append(
                [
                    one.dim,
                    one.width,
                    str(one.entry),
                    "x1" if one.slope == 1 else "−x1",
                    "yes" if one.whitened else "no",
                    round(over, 5),
                ]
            )
            if breaks:
                broken.append((one, over))
        table: JSON = {"columns": ["d", "m", "every weight", "f*(x)", "M₂ = I", "left/right"], "rows": rows}
        complete = [(one, over) for one, over in broken if one.whitened]
        if not complete:
            return Evidence(
                Verdict.UNDECIDED, "symbolic", "no exact network breaks the bound", {"table": table}
            )
        one, over = complete[0]
        return Evidence(
            Verdict.REFUTED,
            "symbolic",
            f"d = {one.dim}, m = {one.width}, σ = u + u³/3, every weight {one.entry}, {len(one.inputs)} inputs of "
            f"entries ±1 with M₂ = I, f* = x₁: ‖g_k‖ is {over:.4f} of the stated bound, compared in fractions; "
            f"with other inputs also d = {', '.join(str(other.dim) for other, _ in broken if not other.whitened)}",
            {"table": table},
        )

    return Check("symbolic", run)


paper.checked(
    "lem1.maxnorm",
    exact_check(),
    search_check(BOUND, "max"),
    title="Control: Lemma 1 with the largest entry in place of the 2-norm, and the same D",
    where="Section 3.2, Lemma 1, equations (11) and (12)",
    statement=(
        r"q_\infty = \max_k \max(|a_k|, \lVert w_k\rVert_\infty):\quad |f_k|,\ \lVert g_k\rVert_2 \le "
        r"L D^3 F q_\infty^3 + 2 m L D^4 q_\infty^5 + m L^2 D^6 q_\infty^7"
    ),
    hypotheses=(
        r"$\lVert x\rVert_2 \le D$ on the support of $\rho$, $F = \int |f^{*}|\,\rho$, Assumption 3",
        r"$d = 2, 3, 9$: the inputs $\pm(1, \ldots, 1)$; $d = 4$: with $M_2 = I$ and $z = e_1$ besides",
    ),
    uses=("lem1",),
    basis="derived",
    expected=Verdict.REFUTED,
    expected_reason=(
        "The sentence is false on purpose: |w·x| can be as large as √d times the largest entry times D, so that √d·D "
        "has to take the place of D."
    ),
)
