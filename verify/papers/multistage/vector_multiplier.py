"""The multiplier of the slow flow for two and three input dimensions, as the condition that keeps ⟨AB⟩ = e₁."""

from __future__ import annotations

import sympy as sp

from theory import Neuron
from theory.meanfield import mean
from verify.papers.multistage import derivations
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_across import CUBIC, DIMENSIONS, SCALE, cubic_mean, multipliers
from verify.papers.multistage.plateau_overshoot import c3


def _slope(expr: sp.Expr, coordinate: sp.Symbol) -> sp.Expr:
    own = sp.Dummy("own", real=True)
    return expr.xreplace({coordinate: own}).diff(own).xreplace({own: coordinate})


def rates(dim: int) -> dict[str, sp.Expr]:
    """d⟨A B_i⟩/dτ along the derived flow, Λ as symbols."""
    k = Neuron("k", dim)
    flow = derivations.slow(dim).flow
    return {f"d = {dim}: {i}": sp.expand(flow.derivative(mean(k.a * w, k))) for i, w in enumerate(k.w, 1)}


def stated_rates(dim: int) -> dict[str, sp.Expr]:
    k, names = Neuron("k", dim), multipliers(dim)
    K = cubic_mean(dim)
    found = {}
    for i, w in enumerate(k.w, 1):
        kept = sum(mean(w * other, k) * name for other, name in zip(k.w, names, strict=True))
        push = c3 * mean(sp.expand(w * K + k.a**2 * _slope(K, w)), k)
        found[f"d = {dim}: {i}"] = sp.expand(mean(k.a**2, k) * names[i - 1] + kept + push)
    return found


paper.identity(
    "b4.vector.kept",
    lambda: {name: rate for d in DIMENSIONS for name, rate in rates(d).items()},
    lambda: {name: rate for d in DIMENSIONS for name, rate in stated_rates(d).items()},
    title="What determines the multiplier for inputs of two and three dimensions",
    where="Section 6.2, beyond the paper",
    hypotheses=(
        *SCALE,
        CUBIC,
        r"any $\Lambda$; the one that makes this vanish, unique as $\langle A^2\rangle > 0$, keeps $\langle AB\rangle$",
    ),
    uses=("b4.vector",),
    basis="derived",
    statement=(
        r"\frac{d}{d\tau}\langle A B\rangle = \bigl(\langle A^2\rangle I + \langle BB^\top\rangle\bigr)\Lambda + "
        r"c_3\,\langle B\,K(B) + A^2\,\nabla K(B)\rangle"
    ),
)
