"""The multiplier of the slow flow for two and three input dimensions, as the condition that keeps ⟨AB⟩ = e₁."""

from __future__ import annotations

import sympy as sp

from theory import Neuron
from theory.meanfield import mean
from theory.naming import Named
from verify.papers.multistage import derivations
from verify.papers.multistage.paper import paper
from verify.papers.multistage.plateau_across import (
    CUBIC,
    DIMENSIONS,
    OF_TWO,
    SCALE,
    cubic_names,
    in_two,
    multipliers,
    pushes,
)
from verify.papers.multistage.plateau_overshoot import c3


def rates(dim: int) -> dict[str, sp.Expr]:
    """d⟨A B_i⟩/dτ along the derived flow, Λ as symbols."""
    k = Neuron("k", dim)
    flow = derivations.slow(dim).flow
    return {f"d = {dim}: {i}": sp.expand(flow.derivative(mean(k.a * w, k))) for i, w in enumerate(k.w, 1)}


def stated_rates(dim: int) -> dict[str, sp.Expr]:
    k, Lambda, called = Neuron("k", dim), multipliers(dim), cubic_names(dim)
    found: dict[str, sp.Expr] = {}
    for i, (w, push) in enumerate(zip(k.w, pushes(dim), strict=True), 1):
        kept = sp.Add(*(mean(w * other, k) * one for other, one in zip(k.w, Lambda, strict=True)))
        found[f"d = {dim}: {i}"] = Named(mean(k.a**2, k) * Lambda[i - 1] + kept + c3 * push, called)
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
        OF_TWO,
    ),
    uses=("b4.vector",),
    basis="derived",
    statement=in_two(*(rf"\frac{{d}}{{d\tau}}\langle A B_{i}\rangle" for i in (1, 2))),
)
