"""One exact example for each assumption left out: Assumptions 2 and 3, independent starts.

The examples of Assumption 3 are one neuron with a = w = q on the points ±1, where M₂ = 1: f_k of (7) is what the
gradient of the risk has beyond the leading terms, and Lemma 1 says |f_k| ≤ C(q³ + q⁵).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

import theory
from theory import Neuron, P, drift_sum
from theory.naming import Named
from verify.papers.multistage import derivations
from verify.papers.multistage.notation import FORMAL
from verify.papers.multistage.paper import paper
from verify.stating import named

q, c, s, h = sp.symbols("q c s h", real=True)


_PAIR = ((sp.Integer(1), sp.Rational(1, 2)), (sp.Integer(-1), sp.Rational(1, 2)))


def remainder_of_one(
    sigma: sp.Expr,
    u: sp.Symbol,
    shift: sp.Expr = h,
    points: Sequence[tuple[sp.Expr, sp.Expr]] = _PAIR,
    size: sp.Symbol = q,
) -> sp.Expr:
    """f_k for target shift + x: −∂R/∂a − (w z − w·a w) at a = w = size, by differentiating the risk itself; points with
    their weights."""
    a, w = sp.symbols("a w", real=True)
    risk = (
        sum((weight * (a * sigma.subs(u, w * x) - (shift + x)) ** 2 for x, weight in points), sp.S.Zero) / 2
    )
    return sp.expand((-sp.diff(risk, a) - (w - a * w**2)).subs({a: size, w: size}))


_u = sp.Symbol("u", real=True)
_EXAMPLE = (
    r"$m = 1$, $a_1 = w_1 = q$, $\rho = \frac12(\delta_1 + \delta_{-1})$ (symmetric, $M_2 = 1$), $f^*(x) = h + x$ "
    r"($z = 1$)",
)

paper.identity(
    "asm3.even.necessary",
    lambda: remainder_of_one(_u + c * _u**2, _u),
    c * h * q**2 - c**2 * q**5,
    title="With an even part in the activation the remainder is of order q², and Lemma 1 fails",
    where="Assumption 3, σ''(0) = 0 left out; Lemma 1",
    hypotheses=(
        *_EXAMPLE,
        r"$\sigma(u) = u + cu^2$ with $ch \ne 0$: $|f_1|/(q^3 + q^5) \to \infty$ as $q \to 0$",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)

paper.identity(
    "asm3.zero.necessary",
    lambda: remainder_of_one(_u + s, _u),
    s * h - s**2 * q,
    title="With σ(0) ≠ 0 the remainder does not vanish with the weights, and Lemma 1 fails",
    where="Assumption 3, σ(0) = 0 left out; Lemma 1",
    hypotheses=(
        *_EXAMPLE,
        r"$\sigma(u) = u + s$ with $sh \ne 0$: $f_1 \to sh$ as $q \to 0$, so that there is no plateau at the origin",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)


def _leading(coordinate: int) -> sp.Expr:
    """da_k/dt or dw_k/dt to leading order for any second moment and z, d = 1."""
    return derivations.of_any_data(1).truncated.drift[coordinate]


def _in_p(expr: sp.Expr) -> sp.Expr:
    return Named(expr, {P: drift_sum(Neuron("j", 1), 1)})


def _rate_of_q() -> sp.Expr:
    """½ d/dt (a_k² + w_k²) at z = 0, M₂ = 1."""
    k, data = Neuron("k", 1), theory.general(1)
    known = {data.z[0]: 0, data.second_moments[0, 0]: 1}
    return sp.expand(sum(weight * _leading(i).subs(known) for i, weight in enumerate((k.a, k.w[0]))))


paper.identity(
    "asm2.necessary",
    _rate_of_q,
    lambda: _in_p(-2 * Neuron("k", 1).a * Neuron("k", 1).w[0] * P),
    aligned=False,
    title="Without a linear part of the target the leading order alone does not grow",
    where="Assumption 2 left out; Theorem 2",
    hypotheses=(
        r"$d = 1$, $M_2 = 1$, $z = 0$, leading order, remainders left out",
        r"summed over $k$: $\dot Q = -2P^2 \le 0$, so that along the leading order $Q$, and with it $|P| \le Q$, never "
        r"exceeds $Q(0) \to 0$",
        "the network grows all the same, by its cubic terms and much later: asm2.network",
        FORMAL,
    ),
    uses=("eq7", "eq18.order"),
    basis="derived",
    statement=named(r"\frac12\,\frac{d}{dt}\bigl(a_k^2 + (w_k^{(1)})^2\bigr)"),
)


def _sum_rate() -> sp.Expr:
    system = derivations.leading_order(1)
    return sp.expand(system.drift[0] + system.drift[1])


paper.identity(
    "start.opposite",
    _sum_rate,
    lambda: _in_p((Neuron("k", 1).a + Neuron("k", 1).w[0]) * (1 - P)),
    title="From weights with a = −w the leading order never descends",
    where="Initialisation left out; Theorem 2",
    hypotheses=(
        r"leading order (16), $d = 1$: where $a_k(0) = -w_k(0)$ for all $k$, so it stays",
        r"then $P = -\sum_k a_k^2 \le 0$ along (16) for all times",
        "the network descends all the same, by its cubic terms and later than from an independent start: "
        "start.opposite.network",
    ),
    uses=("eq16",),
    basis="derived",
    statement=named(r"\frac{d}{dt}\bigl(a_k + w_k^{(1)}\bigr)"),
)


def _with_moment() -> dict[str, sp.Expr]:
    """da_k/dt and dw_k/dt for any M₂ and z."""
    return {"da/dt": _leading(0), "dw/dt": _leading(1)}


def _stated_with_moment() -> dict[str, sp.Expr]:
    k, data = Neuron("k", 1), theory.general(1)
    stop = data.z[0] - data.second_moments[0, 0] * P
    return {"da/dt": _in_p(k.w[0] * stop), "dw/dt": _in_p(k.a * stop)}


paper.identity(
    "asm1.moments.necessary",
    _with_moment,
    _stated_with_moment,
    aligned=False,
    title="With M₂ ≠ 1 the plateau is at P = z/M₂, and T₂ need not exist",
    where="Assumption 1, ∫ x² ρ = 1 left out; Theorem 2",
    hypotheses=(
        r"$d = 1$, any $M_2 > 0$ and $z = (z_1)$, leading order, remainders left out",
        r"every neuron rests where $P = z_1/M_2$: for $z_1 = 1$ and $M_2 > 1/(1-\zeta)$, $P$ never reaches $1 - \zeta$",
    ),
    uses=("eq7", "asm1.eigenvector.rest"),
    basis="derived",
    statement=named(r"\dot a_k", r"\dot w_k^{(1)}"),
)
