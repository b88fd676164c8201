"""Section 4, how little the loss decays on the initial plateau: the risk expanded with its remainder, (37)–(39)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

import theory
from theory import DataMean, Neuron, NeuronSum, Remainder, Sample, Sigma, Target, TwoLayerNetwork
from theory.activation import coefficient
from theory.brackets import rewrite
from theory.data import moment, target_moment
from theory.estimates import D, F, L, q, risk_estimate
from theory.naming import Named, quantity
from theory.noting import kept
from theory.symbols import dot
from theory.symbols import width as m
from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage import chosen, derivations, names
from verify.papers.multistage.dynamics import ASSUMPTIONS, SHOWN
from verify.papers.multistage.estimates import NORMS
from verify.papers.multistage.paper import paper
from verify.stating import implication, named

TERMS = (m * L * D**3 * F * q**4, m**2 * L * D**4 * q**6, m**2 * L**2 * D**6 * q**8 / 2)
"""(38), term by term: the means of f*b, of (Σ a w·x) b and of ½b², with b = Σ a δ(w·x)."""

LEADING = m * q**2 + m**2 * q**4 / 2
"""Bound of |−P + ½Σ S_i²|."""

c3 = coefficient(3)


def _expanded(dim: int, order: int) -> sp.Expr:
    """The risk with the Taylor polynomial of σ and its remainder put in, and the moments of the data named."""
    taylor = theory.tanh_like(order)

    def rule(node: sp.Expr) -> sp.Expr | None:
        return taylor.expand(node) if isinstance(node, Sigma) else None

    return sp.expand(theory.aligned(dim).apply(sp.expand(rewrite(TwoLayerNetwork(dim).risk, rule))))


_R0, _T = sp.symbols("R0 T", real=True)


def _split_risk(dim: int, order: int, output: sp.Expr, leading: sp.Expr, called: names.Names) -> sp.Expr:
    """R_0 + leading + E, E = ∫ (p − f*) b ρ + ½ ∫ b² ρ, where p is the network with the Taylor polynomial, here
    ``output``, p + b the network itself, and R_0 = ½ ∫ f*² ρ the risk of the zero network."""
    j, x = Neuron("j", dim), Sample("x", dim)
    p, b = quantity("p", x), quantity("b", x)
    meanings = called | {
        _R0: DataMean(Target(*x.x) ** 2, x) / 2,
        p: output,
        b: NeuronSum(j.a * Remainder(order, 0, dot(j.w, x.x)), j),
    }
    return Named(_R0 + leading + DataMean((p - Target(*x.x)) * b + b**2 / 2, x), meanings)


def equation_37(dim: int) -> sp.Expr:
    """R in terms of S_i and the remainder."""
    called = names.sums(dim, theory.P)
    leading = -theory.P + sp.Add(*(s**2 / 2 for s in called))
    return _split_risk(dim, 1, dot(tuple(called), Sample("x", dim).x), leading, called)


def cubic_risk() -> sp.Expr:
    """The same to third order, for d = 1."""
    k, x, P = Neuron("k", 1), Sample("x", 1), theory.P
    F3, M4, M6 = target_moment([3]), moment([4]), moment([6])
    called = names.sums(1, P) | {_T: NeuronSum(k.a * k.w[0] ** 3, k)}
    leading = -P + P**2 / 2 - c3 * (F3 - M4 * P) * _T + c3**2 * M6 * _T**2 / 2
    return _split_risk(1, 3, P * x.x[0] + c3 * _T * x.x[0] ** 3, leading, called)


paper.identity(
    "eq37",
    lambda: {f"d = {d}": _expanded(d, 1) for d in derivations.DIMENSIONS},
    lambda: {f"d = {d}": equation_37(d) for d in derivations.DIMENSIONS},
    title="The risk with its remainder, an identity",
    where="Section 4, proof of Theorem 1, equation (37)",
    hypotheses=(
        *ASSUMPTIONS,
        "$E$ is the sum of the terms with $b$",
        SHOWN,
    ),
    uses=("eq66", "eq67"),
    basis="derived",
    statement=named("R", only="d = 2"),
)

paper.identity(
    "eq37.cubic",
    lambda: _expanded(1, 3),
    cubic_risk,
    title="The risk to third order with its remainder, an identity",
    where="Section 4, equation (37); section 6.2",
    hypotheses=(
        *ASSUMPTIONS,
        "$d = 1$",
    ),
    uses=("eq37",),
    basis="derived",
    statement=named("R"),
)


@kept
def _derived_bound(dim: int) -> sp.Expr:
    return risk_estimate(dim)


paper.identity(
    "eq38",
    lambda: {f"d = {d}": _derived_bound(d) for d in derivations.DIMENSIONS},
    lambda: {f"d = {d}": sp.Add(*TERMS) for d in derivations.DIMENSIONS},
    title="The remainder of the risk: what the triangle inequality gives, term by term",
    where="Section 4, proof of Theorem 1, equation (38)",
    hypotheses=(*ASSUMPTIONS, *NORMS, r"the bound is one of $|E|$ in eq37; checked for $d = 1, 2, 3$"),
    uses=("eq37",),
    basis="derived",
    statement=named("B_E", only="d = 2"),
)


@dataclass(frozen=True)
class Case:
    """A network with the activation u + cu³ and its data with equal weights, all exact."""

    c: Fraction
    neurons: tuple[tuple[Fraction, Fraction], ...]
    samples: tuple[tuple[Fraction, Fraction], ...]


def cases() -> Any:
    """Half of the networks are those that the bound is sharp for: equal neurons on one input point."""
    from hypothesis import strategies as st

    small = st.builds(Fraction, st.integers(-4, 4), st.integers(1, 4))
    c = st.sampled_from([Fraction(s * n, 3) for n in (1, 2, 3) for s in (1, -1)])
    generic = st.builds(
        Case,
        c,
        st.lists(st.tuples(small, small), min_size=1, max_size=3).map(tuple),
        st.lists(st.tuples(small, small), min_size=1, max_size=3).map(tuple),
    )
    size = st.sampled_from([Fraction(1), Fraction(1, 10), Fraction(1, 1000), Fraction(3), Fraction(30)])

    def extreme(c: Fraction, w: Fraction, count: int, x: Fraction, y: Fraction) -> Case:
        return Case(c, ((w, w),) * count, ((x, y),))

    reach = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)])
    value = st.sampled_from([Fraction(n) for n in (0, 0, 1, 50, -50)])
    return st.one_of(st.builds(extreme, c, size, st.integers(1, 3), reach, value), generic)


def sides(case: Case, bound: sp.Expr) -> tuple[Fraction, Fraction]:
    """|E| and its bound, exactly; E is R less the risk of the network Σ a_k w_k x, with any second moment of the
    data."""
    n = len(case.samples)
    error = Fraction(0)
    for x, y in case.samples:
        linear = sum((a * w * x for a, w in case.neurons), Fraction(0))
        bent = sum((a * case.c * (w * x) ** 3 for a, w in case.neurons), Fraction(0))
        error += ((linear + bent - y) ** 2 - (linear - y) ** 2) / (2 * n)
    values = {
        L: abs(case.c),
        D: max(abs(x) for x, _ in case.samples),
        F: sum((abs(y) for _, y in case.samples), Fraction(0)) / n,
        q: max(max(abs(a), abs(w)) for a, w in case.neurons),
        m: Fraction(len(case.neurons)),
    }
    limit = bound.xreplace({s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})
    return abs(error), Fraction(int(limit.p), int(limit.q))


def search_check(bound: sp.Expr) -> Check:
    """No network breaks the bound of |E|."""

    def holds(case: Case) -> bool:
        size, limit = sides(case, bound)
        return size <= limit

    def towards(case: Case) -> float:
        size, limit = sides(case, bound)
        return float(size / limit) if limit else float("nan")

    return search.property(cases, holds, towards=towards)


def witness(bound: sp.Expr) -> str | None:
    """Equal neurons a = w = s on the input D with a target of the sign opposite to c, with |E| in closed form."""
    for count in (1, 3):
        for s in (Fraction(1, 10), Fraction(3), Fraction(30)):
            for reach in (Fraction(1, 2), Fraction(1), Fraction(2)):
                for target in (Fraction(0), Fraction(50)):
                    c = Fraction(1, 3)
                    b = count * c * s**4 * reach**3
                    exact = b * (target + count * s**2 * reach) + b**2 / 2
                    values = (c, reach, target, s, Fraction(count))
                    limit = bound.subs(dict(zip((L, D, F, q, m), map(sp.Rational, values), strict=True)))
                    if sp.Rational(exact) > limit:
                        return (
                            f"m = {count}, a = w = {s}, x = {reach}, σ = u + u³/3, f* = −{target}: |E| = "
                            f"{float(exact):.6g} > {float(limit):.6g}"
                        )
    return None


def _search_mutants() -> Sequence[Mutant]:
    first, second, third = TERMS
    listed = [
        ("first-tenth-less", "first term 10 % smaller", sp.Rational(9, 10) * first + second + third),
        ("second-halved", "second term halved", first + second / 2 + third),
        ("third-halved", "third term halved", first + second + third / 2),
        ("second-dropped", "second term dropped", first + third),
        ("power-of-q", "q⁴ raised to q⁵ in the first term", q * first + second + third),
        ("power-of-d", "D³ lowered to D² in the first term", first / D + second + third),
        ("width-dropped", "one power of m dropped from the second term", first + second / m + third),
    ]
    return [
        Mutant(
            name, words, r"|E| \le " + sp.latex(changed), search_check(changed).run, partial(witness, changed)
        )
        for name, words, changed in listed
    ]


paper.checked(
    "eq38.search",
    search_check(sp.Add(*TERMS)),
    title="No network was found that breaks (38), and none of its terms can be spared",
    where="Section 4, proof of Theorem 1, equation (38)",
    statement=r"|E| \le m L D^3 F q^4 + m^2 L D^4 q^6 + \tfrac12 m^2 L^2 D^6 q^8",
    hypotheses=(
        *NORMS,
        r"exact networks, $d = 1$, $m \le 3$, activation $u + cu^3$, where $L = |c|$ serves for $\delta$",
    ),
    uses=("eq38",),
    basis="derived",
    mutants=_search_mutants,
)

_P, _E, _B = sp.symbols("P E B_E", real=True)
_S, _m, _q = sp.symbols("S m q", nonnegative=True)

paper.inequality(
    "eq39",
    sp.Le(sp.Abs(-_P + _S**2 / 2 + _E), _m * _q**2 + _m**2 * _q**4 / 2 + _B, evaluate=False),
    assuming=(
        sp.Le(sp.Abs(_P), _S, evaluate=False),
        sp.Le(_S, _m * _q**2, evaluate=False),
        sp.Le(sp.Abs(_E), _B, evaluate=False),
    ),
    title="How far the loss can be from that of the zero network",
    where="Section 4, proof of Theorem 1, equation (39)",
    hypotheses=(
        r"$S^2 = \sum_i S_i^2$, so that $|P| = |S_1| \le S$, and $S = \lVert\sum_j a_j w_j\rVert \le m q^2$",
        r"$R - R_0 = -P + \frac12 S^2 + E$ by eq37, and $|E| \le B_E$ from eq38",
        r"at two times, with $q$ the larger of the two norms: $|R(0) - R(T_1)| \le 2 (m q^2 + \frac12 m^2 q^4 + B_E)$",
    ),
    uses=("eq37", "eq38"),
    basis="derived",
    statement=implication({_E: "E", _B: "B_E"}),
)

SCALES = tuple(sp.Rational(a) for a in ("3/4", "1", "3/2", "2"))
"""α; γ/(α − ½) is the share that is chosen."""


def _leading_shares() -> dict[str, sp.Expr]:
    """Limit for m → ∞ of the whole bound over log m · m^{1−2α+2γ}, at q = √(log m) m^{γ−α}."""
    n = sp.Symbol("n", positive=True)  # m as a real number
    found = {}
    share = sp.Rational(chosen.gamma_share.value)
    for alpha in SCALES:
        gamma = share * (alpha - sp.Rational(1, 2))
        size = {m: n, q: sp.sqrt(sp.log(n)) * n ** (gamma - alpha)}
        rate = sp.log(n) * n ** (1 - 2 * alpha + 2 * gamma)
        shares = [sp.powsimp(sp.expand((term / rate).subs(size))) for term in (*LEADING.args, *TERMS)]
        found[f"α = {alpha}"] = sp.Add(*(sp.limit(share, n, sp.oo) for share in shares))
    return found


def _limits_latex(lhs: dict[str, sp.Expr], rhs: dict[str, sp.Expr]) -> str:
    """The limits by their names; what they are of is printed from the terms."""
    share = sp.Rational(chosen.gamma_share.value)
    powers = (sp.latex((1 - 2 * alpha) * (1 - share), fold_short_frac=True) for alpha in SCALES)
    lefts = (
        rf"\lim_{{m\to\infty}} \frac{{B_{{{sp.latex(alpha, fold_short_frac=True)}}}}}{{m^{{{power}}}\log m}}"
        for alpha, power in zip(SCALES, powers, strict=True)
    )
    return named(
        *lefts,
        also=lambda: {
            r"B_\alpha": sp.Add(LEADING, *TERMS),
            r"\gamma": sp.Mul(share, sp.Symbol("alpha") - sp.Rational(1, 2), evaluate=False),
        },
    )(lhs, rhs)


paper.identity(
    "eq39.rate",
    _leading_shares,
    lambda: {f"α = {alpha}": sp.S.One for alpha in SCALES},
    title="The bound of the decay vanishes with the width",
    where="Section 4, Theorem 1 (ii), equation (39)",
    hypotheses=(
        r"$B_\alpha$: the bound of eq39 with $B_E$ of (38), at $q = \sqrt{\log m}\,m^{\gamma-\alpha}$ as in (27)",
        r"$\gamma/(\alpha - \frac12)$ is a parameter (chosen), $\alpha = \frac34, 1, \frac32, 2$; $L$, $D$, $F$ fixed; "
        r"the exponent is $1 - 2\alpha + 2\gamma = -2(\alpha - \frac12 - \gamma) < 0$",
        r"left to the reader: hence $R(0) - R(T_1)$ is of order $\log m \cdot m^{1 - 2\alpha + 2\gamma}$ at most, and "
        r"its rate over $T_1 = \gamma\log m$ of order $m^{1 - 2\alpha + 2\gamma}$",
    ),
    uses=("eq39",),
    basis="chosen",
    statement=_limits_latex,
)
