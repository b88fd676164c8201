"""Steps inside the proofs, and definitions that have to make sense: (6), (11), (12), (26), (31), (32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp

import theory
from theory import DataMean, Neuron, NeuronSum, Sample, Sigma, Target, TwoLayerNetwork, time
from theory.naming import Named, quantity
from theory.symbols import dot
from verify.checks import search
from verify.claim import Check, Mutant
from verify.papers.multistage.dynamics import FLOW
from verify.papers.multistage.paper import paper
from verify.stating import implication, named

# -- (6)


def _change_of_risk(dim: int) -> sp.Expr:
    network = TwoLayerNetwork(dim)
    return theory.gradient_flow(network).derivative(network.risk)


def _minus_squared_rates(dim: int) -> sp.Expr:
    """−Σ of the squares of (65)."""
    k, j, x = Neuron("k", dim), Neuron("j", dim), Sample("x", dim)
    r, u = quantity("r", x), dot(k.w, x.x)
    output = NeuronSum(j.a * Sigma(0, dot(j.w, x.x)), j)
    da, *dw = (quantity(rf"\dot{{{c.slot[0]}}}{c.slot[1:]}", k) for c in k.coordinates)
    meanings = {r: output - Target(*x.x), da: -DataMean(r * Sigma(0, u), x)}
    meanings |= {rate: -k.a * DataMean(r * Sigma(1, u) * xi, x) for rate, xi in zip(dw, x.x, strict=True)}
    return Named(-NeuronSum(sp.Add(*(rate**2 for rate in (da, *dw))), k), meanings)


paper.identity(
    "risk",
    lambda: {f"d = {dim}": sp.expand(_change_of_risk(dim)) for dim in (1, 2)},
    lambda: {f"d = {dim}": _minus_squared_rates(dim) for dim in (1, 2)},
    aligned=False,
    title="The risk falls along its gradient flow, by the squared rates of all weights",
    where="Section 3.2, the risk",
    hypotheses=(*FLOW, "any activation, density and target; printed for $d = 2$, checked for $d = 1, 2$"),
    uses=("eq65",),
    basis="derived",
    statement=named(r"\frac{d}{dt} R(\theta(t))", only="d = 2"),
)

# -- (11)

_a, _b, _X = sp.symbols("a b X", real=True)
_U, _V, _N, _q, _r = sp.symbols("U V N q r", nonnegative=True)

paper.inequality(
    "eq11",
    sp.And(
        sp.Le(sp.Abs(_a + _b), _q + _r, evaluate=False),
        sp.Le(_N, _q + _r, evaluate=False),
        evaluate=False,
    ),
    assuming=(
        sp.Le(sp.Abs(_a), _q, evaluate=False),
        sp.Le(_U, _q, evaluate=False),
        sp.Le(sp.Abs(_b), _r, evaluate=False),
        sp.Le(_V, _r, evaluate=False),
        sp.Eq(_N**2, _U**2 + 2 * _X + _V**2, evaluate=False),
        sp.Le(_X**2, _U**2 * _V**2, evaluate=False),
    ),
    title="The neuron-wise norm obeys the triangle inequality",
    where="Section 3.2, equation (11)",
    hypotheses=(
        r"$(a_k, w_k)$ is a neuron of $\theta$, $(a_k', w_k')$ the same neuron of $\theta'$; "
        r"$q = q(\theta)$ and $q' = q(\theta')$ are at least as large as those of every neuron. So $q + "
        r"q'$ is at least as large as $|a_k + a_k'|$ and $\lVert w_k + w_k'\rVert$ of every "
        r"neuron, of which $q(\theta + \theta')$ is the largest",
        "the last condition is Cauchy–Schwarz (lem2.squares)",
    ),
    uses=("lem2.squares",),
    basis="derived",
    statement=implication(
        {
            _a: "a_k",
            _b: r"a_k'",
            _U: r"\lVert w_k\rVert",
            _V: r"\lVert w_k'\rVert",
            _N: r"\lVert w_k + w_k'\rVert",
            _X: r"\langle w_k, w_k'\rangle",
            _r: r"q'",
        }
    ),
)

# -- (12)

_size, _first, _second, _third, _C = sp.symbols("q c_3 c_5 c_7 C", nonnegative=True)
_width = sp.Symbol("m", positive=True)

paper.inequality(
    "eq12",
    sp.Le(
        _first * _size**3 + _second * _size**5 + _third * _size**7,
        _C * (_size**3 + _width * _size**5),
        evaluate=False,
    ),
    over={_size: (0, 1)},
    assuming=(
        sp.Le(_first, _C, evaluate=False),
        sp.Le(_second + _third, _width * _C, evaluate=False),
    ),
    title="Lemma 1 in the form with one constant",
    where="Section 3.2, Lemma 1, equation (12)",
    hypotheses=(
        r"$c_3 = LD^3F$, $c_5 = 2mLD^4$, $c_7 = mL^2D^6$: on the left is the bound of lem1, and the conditions hold "
        r"with $C = \max(LD^3F,\ 2LD^4 + L^2D^6)$",
    ),
    uses=("lem1",),
    basis="derived",
    statement=implication(),
)

# -- (31)

_g, _p, _response = sp.Symbol("g", positive=True), sp.Symbol("p", real=True), sp.Symbol("N", real=True)
_RESPONSE = _g * (sp.exp(_p * time) - sp.exp(time)) / (_p - 1)
"""N with N' = N + g e^{pt}, N(0) = 0."""


def _response_rates() -> dict[str, sp.Expr]:
    bound = _g * sp.exp(_p * time) / (_p - 1)
    return {
        "N' − N": _RESPONSE.diff(time) - _RESPONSE,
        "N(0)": _RESPONSE.subs(time, 0),
        "bound − N": Named(bound - _response, {_response: _RESPONSE}),
    }


def _stated_rates() -> dict[str, sp.Expr]:
    return {"N' − N": _g * sp.exp(_p * time), "N(0)": sp.S.Zero, "bound − N": _g * sp.exp(time) / (_p - 1)}


paper.identity(
    "eq31",
    _response_rates,
    _stated_rates,
    aligned=False,
    title="Gronwall's inequality with the powers that Lemma 1 has, up to a step left to the reader",
    where="Section 4, proof of Theorem 1, equation (31)",
    hypotheses=(
        r"a function with $N^{\prime} \le N + g e^{pt}$ and $N(0) = 0$ stays below the one with equality, because "
        r"$(e^{-t}N)^{\prime} \le g e^{(p-1)t}$. This step is calculus and not part of the check",
        r"any $p \ne 1$ and $g > 0$; the powers of $q$ in Lemma 1 are $p = 3, 5, 7$, where $q$ grows like $e^t$",
    ),
    uses=("eq25",),
    basis="derived",
    statement=named(r"N^{\prime} - N", "N(0)", "="),
)

# -- (32)

_q, _qt, _n, _x = sp.symbols("q q_lin N x", nonnegative=True)
_K = sp.Symbol("K", positive=True)

paper.inequality(
    "eq32",
    sp.Lt(_q, _K * _x, evaluate=False),
    assuming=(
        sp.Le(_q, _qt + _n, evaluate=False),
        sp.Le(_qt, _x, evaluate=False),
        sp.Lt(_n, (_K - 1) * _x, evaluate=False),
    ),
    title="The contradiction at the test time",
    where="Section 4, proof of Theorem 1, equation (32)",
    hypotheses=(
        r"$q \le \tilde q + \max_k N(\Delta_k)$ is eq11, $\tilde q \le x$ is eq33; at the test time $q = K x$ by "
        "continuity (eq26), which is false where the deviation is below $(K - 1)x$",
    ),
    uses=("eq11", "eq26", "eq33"),
    basis="derived",
    statement=implication({_qt: r"\tilde q"}),
)

# -- (26)


@dataclass(frozen=True)
class Path:
    """A continuous path, linear between its values at 0, 1, 2, …; and two levels above its start."""

    values: tuple[Fraction, ...]
    low: Fraction
    high: Fraction

    def at(self, t: Fraction) -> Fraction:
        """The value at time t ≥ 0; constant after the last."""
        k = min(int(t), len(self.values) - 1)
        after = self.values[min(k + 1, len(self.values) - 1)]
        return self.values[k] + (t - k) * (after - self.values[k])

    def first(self, level: Fraction) -> Fraction | None:
        """inf{t : path ≥ level}, by going from corner to corner; None where it never is."""
        for k in range(len(self.values) - 1):
            before, after = self.values[k : k + 2]
            if after >= level > before:
                return k + (level - before) / (after - before)
        return None


def paths() -> Any:
    from hypothesis import strategies as st

    number = st.builds(Fraction, st.integers(0, 12), st.integers(1, 3))

    def above(values: list[Fraction], one: Fraction, two: Fraction) -> Path:
        low, high = sorted((one, two))
        return Path(tuple(values), values[0] + 1 + low, values[0] + 1 + high)

    return st.builds(above, st.lists(number, min_size=2, max_size=6), number, number)


def _earliest(path: Path, level: Fraction) -> Fraction | None:
    """The same time by bisection of the first interval whose right end is at the level or above."""
    for k in range(1, len(path.values)):
        if path.values[k] >= level:
            low, high = Fraction(k - 1), Fraction(k)
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (low, middle) if path.at(middle) >= level else (middle, high)
            return high
    return None


def stopping_check(reads: str = "first") -> Check:
    """The time of the first crossing, and what the proofs take for granted of it."""

    def time_of(path: Path, level: Fraction) -> Fraction | None:
        if reads == "last":
            reached = [k for k in range(len(path.values)) if path.values[k] >= level]
            return Fraction(reached[-1]) if reached else None
        if reads == "corner":
            return next((Fraction(k) for k, v in enumerate(path.values) if v >= level), None)
        return path.first(level)

    def sound(path: Path) -> bool:
        early, late = time_of(path, path.low), time_of(path, path.high)
        if early is None:
            return late is None and max(path.values) < path.low
        grid = [early * n / 16 for n in range(16)]
        attained = path.at(early) == path.low and early > 0
        return attained and all(path.at(t) < path.low for t in grid) and (late is None or late >= early)

    def confirm(path: Path) -> bool:
        found, exact = time_of(path, path.low), _earliest(path, path.low)
        if found is None or exact is None:
            return found is not exact
        return abs(found - exact) > Fraction(1, 2**50)

    return search.property(paths, sound, confirm=confirm)


def stopping_witness(reads: str) -> str | None:
    """On the path 0, 2, 0, 2 the level 1 is reached first at time ½."""
    found = {"last": Fraction(3), "corner": Fraction(1)}[reads]
    path = (Fraction(0), Fraction(2), Fraction(0), Fraction(2))
    at_half = (path[0] + path[1]) / 2
    return f"the path 0, 2, 0, 2 is at 1 already at time 1/2, not first at {found}" if at_half == 1 else None


def _stopping_mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            reads,
            words,
            r"\text{" + words + "}",
            stopping_check(reads).run,
            partial(stopping_witness, reads),
        )
        for reads, words in (
            ("last", "the last time at the level in place of the first"),
            ("corner", "the first time of a grid at the level or above"),
        )
    ]


paper.checked(
    "eq26",
    stopping_check(),
    title="A first time at a level is attained, comes after what is below it, and grows with the level",
    where="Section 4, equation (26); likewise (42) and (45)",
    statement=(
        r"T = \inf\{t : q(t) \ge \ell\},\; q(0) < \ell \;\Longrightarrow\; q(T) = \ell,\; q < \ell "
        r"\text{ on } [0, T), "
        r"\; T(\ell) \le T(\ell') \text{ for } \ell \le \ell'"
    ),
    hypotheses=("continuous paths, linear between whole times, in fractions",),
    basis="derived",
    mutants=_stopping_mutants,
)
