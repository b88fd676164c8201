"""Lemma 1 with its constants, (12), and Lemma 2, (22): how large the remainders are, and how they move V_i."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import sympy as sp

import theory
from theory import Neuron, NeuronSum, P, ParticleSystem
from theory.estimates import (
    D,
    F,
    L,
    cauchy_schwarz_defect,
    q,
    remainder_estimate,
    whole_remainders,
    written_out,
)
from theory.naming import Named, quantity
from theory.noting import kept
from theory.symbols import width as m
from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage import derivations, names
from verify.papers.multistage.dynamics import ASSUMPTIONS, FLOW, RATES, SHOWN
from verify.papers.multistage.paper import paper
from verify.stating import implication, named

if TYPE_CHECKING:
    from verify.papers.multistage.remainder_search import Bound, Case

CALCULUS = (
    r"each term of (8) and of the first entry of (9) is bounded by $|\sum_j \varphi_j| \le m \max_j |\varphi_j|$, "
    r"$|\int \psi\rho| \le \sup|\psi|$, $|\int f^{*}\psi\rho| \le F \sup|\psi|$ and $|w\cdot x| \le qD$; turning the "
    r"coordinates gives the same bound for every entry along a unit vector, so for $\lVert g_k\rVert_2$. The check "
    "adds up the bounds; that these rules hold is not part of it"
)

BOUND = L * D**3 * F * q**3 + 2 * m * L * D**4 * q**5 + m * L**2 * D**6 * q**7
"""(12) with explicit constants, for |f_k| and for ‖g_k‖."""

NORMS = (
    r"$\lVert x\rVert_2 \le D$ on the support of $\rho$, $F = \int |f^{*}|\,\rho$",
    r"$q = \max_k \max(|a_k|, \lVert w_k\rVert_2)$, equation (11)",
    r"Assumption 3 with $L$ the larger of its two constants: $|\delta(u)| \le L|u|^3$, $|\delta'(u)| \le Lu^2$",
)


@kept
def _derived(dim: int) -> dict[str, sp.Expr]:
    found = remainder_estimate(dim)
    return {f"d = {dim}: f": found.f, f"d = {dim}: g": found.g}


def _whole(dim: int) -> ParticleSystem:
    """The terms that the estimate bounds, with every inner product written out and the data put in."""
    system = whole_remainders(dim, theory.tanh_like(1)).map(lambda drift: sp.expand(written_out(drift)))
    return theory.apply_data(system, theory.aligned(dim))


def _stated_remainders(dim: int) -> dict[str, sp.Expr]:
    """(8) and (9)."""
    return names.rates(dim, (names.f_k(dim), *names.g_k(dim)), names.split(dim, P))


paper.identity(
    "lem1.terms",
    lambda: derivations.over_dimensions(_whole),
    lambda: names.every(_stated_remainders),
    title="The terms that Lemma 1 bounds are (8) and (9)",
    where="Section 3.2, Lemma 1",
    hypotheses=(*ASSUMPTIONS, r"$[\,\cdot\,]_\delta$: the terms with $\delta$ in them", SHOWN),
    uses=("eq8", "eq9"),
    basis="derived",
    statement=named(*(rf"[{rate}]_\delta" for rate in RATES), only="d = 2"),
)

paper.identity(
    "lem1",
    lambda: {key: bound for d in derivations.DIMENSIONS for key, bound in _derived(d).items()},
    lambda: {key: BOUND for d in derivations.DIMENSIONS for key in _derived(d)},
    title="Lemma 1 with explicit constants, term by term, up to rules of estimation left to the reader",
    where="Section 3.2, Lemma 1, equation (12)",
    hypotheses=(*FLOW, *NORMS, CALCULUS, "checked for $d = 1, 2, 3$"),
    uses=("lem1.terms",),
    basis="derived",
    statement=named(
        r"\text{bounds of the terms of } f_k \text{, added up}",
        r"\text{bounds of the terms of } g_k^{(1)} \text{, added up}",
        only="d = 2:",
    ),
)


def search_check(expression: sp.Expr, norm: str = "2") -> Check:
    """No network breaks the bound; a counterexample counts once mpmath agrees."""

    def strategy() -> Any:
        from verify.papers.multistage.remainder_search import cases

        return cases()

    def predicate(case: Case) -> bool:
        from verify.papers.multistage.remainder_search import holds

        return holds(case, _bound(expression, norm))

    def confirm(case: Case) -> bool:
        return ratio(case, expression, norm) > 1 + 1e-12

    def towards(case: Case) -> float:
        from verify.papers.multistage.remainder_search import share

        return share(case, _bound(expression, norm))

    return search.property(strategy, predicate, confirm=confirm, towards=towards)


def _bound(expression: sp.Expr, norm: str) -> Bound:
    from verify.papers.multistage.remainder_search import Bound

    return Bound(expression, norm)


def ratio(case: Case, expression: sp.Expr, norm: str = "2") -> float:
    """Largest of |f_k|, ‖g_k‖ over the bound, by mpmath at 60 digits with numerical derivatives of σ − u."""
    from mpmath import mp

    forms: dict[str, Any] = {
        "tanh": mp.tanh,
        "arctan": mp.atan,
        "sin": mp.sin,
        "erf": lambda u: mp.erf(mp.sqrt(mp.pi) * u / 2),
        "rational": lambda u: u / mp.sqrt(1 + u**2),
        "gd": lambda u: 2 * mp.atan(mp.tanh(u / 2)),
        "cubic": lambda u: u + number(case.cubic) * u**3,
    }
    constants = {"tanh": 1, "arctan": 1, "sin": mp.mpf("0.5"), "gd": mp.mpf("0.5"), "rational": mp.mpf("1.5")}

    def number(value: Fraction) -> Any:
        return mp.mpf(value.numerator) / value.denominator

    with mp.workdps(60):
        sigma = forms[case.activation]
        constant = constants.get(case.activation, mp.pi / 4)
        if case.activation == "cubic":
            constant = 3 * abs(number(case.cubic))
        x = [[number(c) for c in point] for point, _ in case.samples]
        y = [number(value) for _, value in case.samples]
        weights = [(number(a), [number(c) for c in w]) for a, w in case.neurons]
        inner = [[mp.fdot(w, point) for point in x] for _, w in weights]
        delta = [[sigma(u) - u for u in row] for row in inner]
        outputs = [
            mp.fsum(a * sigma(row[i]) for (a, _), row in zip(weights, inner, strict=True))
            for i in range(len(x))
        ]
        bent = [
            mp.fsum(a * row[i] for (a, _), row in zip(weights, delta, strict=True)) for i in range(len(x))
        ]
        largest = mp.mpf(0)
        for k, (a, w) in enumerate(weights):
            f = mp.fsum(
                (outputs[i] - y[i]) * delta[k][i] + bent[i] * inner[k][i] for i in range(len(x))
            ) / len(x)
            pulls = [
                (outputs[i] - y[i]) * mp.diff(lambda u: sigma(u) - u, inner[k][i]) + bent[i]
                for i in range(len(x))
            ]
            g = [a * mp.fsum(pulls[i] * x[i][c] for i in range(len(x))) / len(x) for c in range(len(w))]
            largest = max(largest, abs(f), mp.norm(g))
        size = max(max(abs(a), mp.norm(w) if norm == "2" else mp.norm(w, mp.inf)) for a, w in weights)
        values = (
            constant,
            max(mp.norm(point) for point in x),
            mp.fsum(abs(v) for v in y) / len(y),
            size,
            len(weights),
        )
        limit = sp.lambdify((L, D, F, q, m), expression, "mpmath")(*values)
        return float(largest / limit) if limit else (0.0 if largest == 0 else float("inf"))


def exact_witness(expression: sp.Expr, norm: str = "2") -> str | None:
    """A network with the activation u + cu³ and one input along equal weights, all in plain fractions."""
    for dim, count, size, reach, c, target in _EXACT:
        # Weights (size, …, size)/√d and input (reach, …, reach)/√d, so that w·x = u, ‖w‖ = size and ‖x‖ = reach.
        root = {1: 1, 4: 2, 9: 3}[dim]
        u = size * reach
        a = size if norm == "2" else size / root
        residual = count * a * (u + c * u**3) - target
        f = residual * c * u**3 + count * a * c * u**3 * u
        g = a * (residual * 3 * c * u**2 + count * a * c * u**3) * reach
        values = {L: 3 * abs(c), D: reach, F: abs(target), q: a, m: Fraction(count)}
        limit = expression.xreplace({s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})
        found = max(abs(f), abs(g))
        if sp.Rational(found.numerator, found.denominator) > limit:
            shown = f"d = {dim}, m = {count}, ‖w‖ = {size}, ‖x‖ = {reach}, σ = u + ({c})u³, f* = {target}"
            return (
                f"{shown}: the larger of |f|, ‖g‖ is {float(found):.6g}, the stated bound {float(limit):.6g}"
            )
    return None


_one, _small = Fraction(1), Fraction(1, 1000)
_EXACT: tuple[tuple[int, int, Fraction, Fraction, Fraction, Fraction], ...] = tuple(
    (dim, count, size, reach, c, target)
    for dim in (1, 4, 9)
    for count in (1, 3)
    for size in (_small, Fraction(1, 10), _one, Fraction(30))
    for reach in (_one, Fraction(2), Fraction(1, 2))
    for c in (Fraction(1, 3), Fraction(-1, 3))
    for target in (Fraction(0), Fraction(-50), Fraction(50))
)


def _search_mutants() -> Sequence[Mutant]:
    first, second, third = L * D**3 * F * q**3, m * L * D**4 * q**5, m * L**2 * D**6 * q**7
    listed = [
        ("norm", "q with the largest entry of w in place of its 2-norm", BOUND, "max"),
        (
            "target-tenth-less",
            "first term 10 % smaller",
            sp.Rational(9, 10) * first + 2 * second + third,
            "2",
        ),
        ("target-dropped", "first term dropped", 2 * second + third, "2"),
        ("middle-halved", "second term halved", first + second + third, "2"),
        ("middle-dropped", "second term dropped", first + third, "2"),
        ("last-dropped", "third term dropped", first + 2 * second, "2"),
        ("power-of-q", "q³ raised to q⁴ in the first term", q * first + 2 * second + third, "2"),
        ("power-of-d", "D³ lowered to D² in the first term", first / D + 2 * second + third, "2"),
        (
            "width-dropped",
            "m dropped from the second and third term",
            first + 2 * second / m + third / m,
            "2",
        ),
    ]
    return [
        Mutant(
            name,
            words,
            r"|f_k|,\ \lVert g_k\rVert_2 \le " + sp.latex(changed),
            search_check(changed, norm).run,
            partial(exact_witness, changed, norm),
        )
        for name, words, changed, norm in listed
    ]


paper.checked(
    "lem1.search",
    search_check(BOUND),
    title="No network was found that breaks Lemma 1, and none of its terms can be spared",
    where="Section 3.2, Lemma 1, equation (12)",
    statement=r"|f_k|,\ \lVert g_k\rVert_2 \le L D^3 F q^3 + 2 m L D^4 q^5 + m L^2 D^6 q^7",
    hypotheses=(
        *NORMS,
        r"exact networks, $d \le 9$, $m \le 3$, with the six built-in activations and $u + cu^3$",
    ),
    uses=("eq8", "eq9"),
    basis="derived",
    mutants=_search_mutants,
)


def _growth(dim: int) -> dict[str, sp.Expr]:
    """½ dV_i²/dt along (10), i ≥ 2."""
    k = Neuron("k", dim)
    flow = derivations.aligned(dim)
    return {
        f"d = {dim}, i = {i}": flow.derivative(NeuronSum(k.w[i - 1] ** 2 / 2, k)) for i in range(2, dim + 1)
    }


def _stated_growth(dim: int) -> dict[str, sp.Expr]:
    k, called = Neuron("k", dim), names.remainders(dim, P)
    return {
        f"d = {dim}, i = {i}": Named(
            -(names.S(i) ** 2) + NeuronSum(k.w[i - 1] * names.g(dim, i), k),
            called,
        )
        for i in range(2, dim + 1)
    }


paper.identity(
    "lem2.identity",
    lambda: _growth(2) | _growth(3),
    lambda: _stated_growth(2) | _stated_growth(3),
    title="Growth of the weights across the condensed direction, exactly",
    where="Section 3.3, Lemma 2, before equation (22)",
    hypotheses=(
        *ASSUMPTIONS,
        r"$V_i^2 = \sum_j (w_j^{(i)})^2$ for $i \ge 2$",
        names.REMAINDERS,
        "printed for $d = 2$, checked for $d = 2, 3$ and each $i$",
    ),
    uses=("eq10",),
    basis="derived",
    statement=names.shown(r"\frac12\,\frac{d}{dt} V_2^2"),
)

_G = sp.Symbol("G", positive=True)


def _squares() -> dict[str, sp.Expr]:
    j = Neuron("j", 1)
    product, _ = cauchy_schwarz_defect()
    return {"Lagrange": product, "largest": m * _G**2 - NeuronSum(j.a**2, j)}


def _stated_squares() -> dict[str, sp.Expr]:
    j, k = Neuron("j", 1), Neuron("k", 1)
    crossed, below = quantity("X", j, k), quantity("Y", j)
    return {
        "Lagrange": Named(NeuronSum(NeuronSum(crossed**2, k), j) / 2, {crossed: j.w[0] * k.a - k.w[0] * j.a}),
        "largest": Named(NeuronSum(below, j), {below: _G**2 - j.a**2}),
    }


paper.identity(
    "lem2.squares",
    _squares,
    _stated_squares,
    aligned=False,
    title="Cauchy–Schwarz over the neurons, for any width, as a sum of squares",
    where="Section 3.3, proof of Lemma 2",
    hypotheses=("$a_j$, $w_j^{(1)}$ stand for any two real numbers of neuron $j$",),
    basis="derived",
    statement=named("=", "="),
)

_S, _X, _rate = sp.symbols("S_i X_i Vdot_i", real=True)
_V, _R = sp.Symbol("V_i", positive=True), sp.Symbol("R_i", nonnegative=True)

paper.inequality(
    "lem2",
    sp.Le(_rate, _R, evaluate=False),
    assuming=(
        sp.Eq(_V * _rate, _X - _S**2, evaluate=False),
        sp.Le(_X**2, _R**2 * _V**2, evaluate=False),
    ),
    title="Lemma 2: V_i grows at most like √m max |g|, up to an integration left to the reader",
    where="Section 3.3, Lemma 2, equation (22)",
    hypotheses=(
        r"$X_i = \sum_j w_j^{(i)} g_j^{(i)}$, $R_i = \sqrt{m}\,\max_j |g_j^{(i)}|$; $V_i\dot V_i = X_i - S_i^2$ is the "
        r"claim lem2.identity, $X_i^2 \le R_i^2 V_i^2$ the claim lem2.squares",
        r"integrating, and from the last zero of $V_i$ on where it has any, gives $V_i(t) \le V_i(0) + "
        r"\sqrt{m}\int_0^t \max_j |g_j^{(i)}|\,ds$. This step is calculus and not part of the check",
    ),
    uses=("lem2.identity", "lem2.squares", "lem1"),
    basis="derived",
    statement=implication(),
)
