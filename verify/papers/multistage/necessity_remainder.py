"""One exact example for each further hypothesis left out of Lemma 1, and for the second moments in two dimensions.

The examples are one neuron with a = w = q, as in `necessity`: Lemma 1 says |f_k| ≤ C(q³ + q⁵ + q⁷), with a C that
depends on L, D and F alone.
"""

from __future__ import annotations

import sympy as sp

import theory
from theory import Neuron
from verify.papers.multistage import derivations
from verify.papers.multistage.necessity import remainder_of_one
from verify.papers.multistage.notation import FORMAL
from verify.papers.multistage.paper import paper
from verify.stating import named

c, s = sp.symbols("c s", real=True)
q, N = sp.symbols("q N", positive=True)
_u = sp.Symbol("u", real=True)

_ONE = r"$m = 1$, $a_1 = w_1 = q$, $f^{*}(x) = x$ ($z = 1$)"
_POINTS = rf"{_ONE}, $\rho = \frac12(\delta_1 + \delta_{{-1}})$ (symmetric, $M_2 = 1$)"


def _far() -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    """Mass 1/(2N²) at each of ±N, the rest at 0: M₂ = 1, M₄ = N²."""
    return ((N, 1 / (2 * N**2)), (-N, 1 / (2 * N**2)), (sp.S.Zero, 1 - 1 / N**2))


paper.identity(
    "asm1.support.necessary",
    lambda: remainder_of_one(_u + c * _u**3, _u, sp.S.Zero, _far(), q),
    N**2 * (c * q**3 - 2 * c * q**5) - N**4 * c**2 * q**7,
    title="Without a bound on the support the remainder has no bound, and Lemma 1 fails",
    where="Assumption 1, compact support left out; Lemma 1",
    hypotheses=(
        _ONE,
        r"$\rho_N = \frac{1}{2N^2}(\delta_N + \delta_{-N}) + (1 - \frac{1}{N^2})\delta_0$: symmetric, $M_2 = 1$, $F = "
        r"\frac1N$, $M_4 = N^2$; $\sigma(u) = u + cu^3$ with $c \ne 0$",
        r"$f_1/q^3 \to cN^2$ as $q \to 0$: no constant holds for all $N$. Where $\int x^4\rho = \infty$, as for $\rho$ "
        r"falling like $|x|^{-5}$, the coefficient $c\,M_4$ of $q^3$ is infinite already for one $\rho$",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)

paper.identity(
    "asm3.slope.necessary",
    lambda: remainder_of_one(s * _u, _u, sp.S.Zero, size=q),
    (s - 1) * q - (s**2 - 1) * q**3,
    title="With σ′(0) ≠ 1 the remainder is of order q, and Lemma 1 fails",
    where="Assumption 3, σ′(0) = 1 left out; Lemma 1",
    hypotheses=(
        _POINTS,
        r"$\sigma(u) = su$ with $s \ne 1$: $|f_1|/(q^3 + q^5) \to \infty$ as $q \to 0$, because the rate at the origin "
        r"is $s$. Other units of time and weights bring any $s \ne 0$ to 1; for $s = 0$ nothing grows exponentially, "
        r"as without a linear part of the target (asm2.network)",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)

paper.identity(
    "asm3.growth.necessary",
    lambda: remainder_of_one(_u + c * _u**5, _u, sp.S.Zero, size=q),
    c * q**5 - 2 * c * q**7 - c**2 * q**11,
    title="Where the activation grows faster than |u|³, Lemma 1 fails for large weights",
    where="Assumption 3, |δ(u)| ≤ L|u|³ for all u left out; Lemma 1",
    hypotheses=(
        _POINTS,
        r"$\sigma(u) = u + cu^5$ with $c \ne 0$, so that $|\delta(u)| \le |c||u|^3$ for $|u| \le 1$ and for no $L$ for "
        r"all $u$: $|f_1|/(q^3 + q^5 + q^7) \to \infty$ as $q \to \infty$. For $qD \le 1$ Lemma 1 holds, with "
        r"$5|c|$ for $L$: where weights stay small, a bound near 0 is enough",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)

paper.identity(
    "asm3.cubic.necessary",
    lambda: remainder_of_one(_u + c * _u * sp.Abs(_u), _u, sp.S.Zero, size=q),
    c * q**2 - 2 * c * q**4 - c**2 * q**5,
    title="An odd activation with a jump of σ″ at 0 has a remainder of order q², and Lemma 1 fails",
    where="Assumption 3, |δ(u)| ≤ L|u|³ near 0 left out; Lemma 1",
    hypotheses=(
        _POINTS,
        r"$\sigma(u) = u + cu|u|$ with $c \ne 0$, odd, $\sigma'(0) = 1$: $|f_1|/(q^3 + q^5) \to \infty$ as $q \to 0$",
    ),
    uses=("eq8", "lem1"),
    basis="derived",
    statement=named("f_1"),
)


def _plane() -> dict[str, sp.Expr]:
    """The leading drift of neuron k in two dimensions, for M₂ diagonal and z along e₁."""
    data = theory.general(2)
    straight = {data.second_moments[0, 1]: 0, data.z[1]: 0}
    drift = derivations.of_any_data(2).truncated.drift
    return {name: sp.expand(rate.subs(straight)) for name, rate in zip(("a", "w1", "w2"), drift, strict=True)}


def _stated_plane() -> dict[str, sp.Expr]:
    k, data = Neuron("k", 2), theory.general(2)
    along = data.z[0] - data.second_moments[0, 0] * theory.drift_sum(k, 1)
    across = data.second_moments[1, 1] * theory.drift_sum(k, 2)
    return {
        "a": sp.expand(k.w[0] * along - k.w[1] * across),
        "w1": sp.expand(k.a * along),
        "w2": -k.a * across,
    }


paper.identity(
    "asm1.moments.plane",
    _plane,
    _stated_plane,
    aligned=False,
    title="In two dimensions ∫x₁² alone moves the plateau, to z/∫x₁²",
    where="Assumption 1, ∫ x_i² ρ = 1 left out; Theorem 2",
    hypotheses=(
        r"$d = 2$, $\int x_1x_2\rho = 0$, any $\int x_1^2\rho$ and $\int x_2^2\rho$, $z$ along $e_1$; leading order, "
        "remainders left out",
        r"$\int x_2^2\rho$ stands only beside $S_2$, which does not grow: with $\int x_1^2\rho = 1$ the stages stay "
        r"what they are",
        FORMAL,
    ),
    uses=("eq7", "asm1.moments.necessary"),
    basis="derived",
    statement=named(r"\dot a_k", r"\dot w_k^{(1)}", r"\dot w_k^{(2)}"),
)
