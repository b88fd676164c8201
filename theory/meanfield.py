"""The scale of the descent and of the plateau after it: weights of size m^(−1/2), sums over neurons of size m.

With a_k = A_k/√m, w_k = B_k/√m every sum becomes m times a mean ⟨·⟩ over neurons, and an expression becomes a series in
powers of m^(−1/2) with coefficients in A_k, B_k and means. In the results here the coordinates of a neuron *stand for*
A_k and B_k, and ⟨φ⟩ is written Σ_j φ(A_j, B_j) / m. Multi-stage paper, sections 5 and 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from theory.activation import Remainder, Sigma
from theory.brackets import NeuronSum, lower, rewrite, scale_neurons
from theory.errors import TheoryError
from theory.symbols import Neuron, width

profile = sp.Symbol("xi", real=True)
"""ξ_k: neuron k's share of the condensed state, ⟨ξ²⟩ = 1."""


def mean(body: sp.Expr, neuron: Neuron) -> sp.Expr:
    """⟨φ⟩ = (1/m) Σ_j φ(A_j, B_j), with φ written in the coordinates of ``neuron``."""
    return NeuronSum(body, neuron) / width


def orders(expr: sp.Expr, neurons: Iterable[Neuron] = (), dim: int = 1) -> dict[int, sp.Expr]:
    """Coefficients of an expression in powers of m^(−1/2), after a = A/√m, w = B/√m for every neuron.

    Parameters
    ----------
    expr:
        A polynomial in the coordinates of ``neurons`` and in sums over neurons; the width may stand in it.
    neurons:
        Neurons whose free coordinates are scaled too.
    dim:
        Dimension d of the input.

    Returns
    -------
    Power n → coefficient of m^(−n/2), for all n with a coefficient that is not zero.

    Raises
    ------
    TheoryError
        If the expression still contains an activation or a remainder, whose size is not known.
    """
    if expr.has(Sigma, Remainder):
        raise TheoryError(
            "Orders in 1/m are counted in a polynomial; expand the activation and take its part."
        )
    root = sp.Dummy("r", positive=True)  # m^(−1/2)
    factors = dict.fromkeys(("a", *(f"w{i}" for i in range(1, dim + 1))), root)
    scaled = scale_neurons(expr.xreplace({width: root**-2}), factors, neurons)
    counted = rewrite(scaled, lambda node: node / (root**2 * width) if isinstance(node, NeuronSum) else None)
    found: dict[int, list[sp.Expr]] = {}
    for term in sp.Add.make_args(sp.expand(counted)):
        coefficient, power = term.as_independent(root)
        exponent = sp.S.Zero if power == 1 else power.as_base_exp()[1]
        if not exponent.is_Integer:
            raise TheoryError(f"The term {str(term)[:80]} is no power of 1/√m times a coefficient.")
        found.setdefault(int(exponent), []).append(coefficient)
    return {power: sp.Add(*terms) for power, terms in sorted(found.items()) if sp.Add(*terms) != 0}


def moment_of_draw(order: int) -> sp.Expr:
    """k_n = ⟨ξ^n⟩ of the condensed profile ξ, normalised so that ⟨ξ²⟩ = 1; k₄ is the kurtosis of the draw."""
    return sp.S.One if order in (0, 2) else sp.Symbol(f"k{order}", real=True)


def on_condensed(expr: sp.Expr, level: sp.Expr, across: Mapping[str, sp.Expr] | None = None) -> sp.Expr:
    """Value of an expression in means where A_k = B_k^(1) = √level ξ_k and the weights across e₁ vanish.

    It is the state of the network in the descent, to leading order in 1/m, with P = ``level``: by (23) the initial
    plateau leaves a_k − w_k^(1) behind, and (16) keeps the ratios between neurons.

    Parameters
    ----------
    expr:
        An expression in sums over neurons, without free coordinates of a neuron.
    level:
        P, the value of ⟨AB⟩.
    across:
        Values of further slots, none of them bracketed; by default w2 … wd are 0.
    """
    named, table = lower(expr)
    xi = sp.Dummy("xi", real=True)
    values = {
        symbol: _moment(bracket, sp.sqrt(level) * xi, xi, across or {}) for symbol, bracket in table.items()
    }
    return sp.expand(named.xreplace(values))


def _moment(bracket: sp.Expr, profile: sp.Expr, xi: sp.Symbol, across: Mapping[str, sp.Expr]) -> sp.Expr:
    body, variables = bracket.open()
    along = {
        v: profile if slot in ("a", "w1") else across.get(slot, sp.S.Zero) for v, slot in variables.items()
    }
    polynomial = sp.Poly(sp.expand(body.xreplace(along)), xi)
    return width * sp.Add(*(c * moment_of_draw(n) for (n,), c in polynomial.terms()))
