"""Beyond the paper: the flow that gradient descent follows, by backward error analysis."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory import (
    Derivation,
    NeuronSum,
    P,
    VectorField,
    condensed_order_parameters,
    neuron_derivative,
    tanh_like,
)
from theory.gradient_descent import euler_map
from theory.modified import modified_field, modified_particle_series
from theory.naming import Named
from verify.papers.multistage import derivations
from verify.papers.multistage.gradient_descent import STEP, eta, reduced_step
from verify.papers.multistage.paper import paper
from verify.parameters import remembered
from verify.stating import expression_latex, named


def _components(field: VectorField) -> dict[str, sp.Expr]:
    return {f"d{v}/dt": e for v, e in zip(field.variables, field.components, strict=True)}


@remembered
def _stated_modified() -> VectorField:
    """By the other route: the textbook's series for every neuron, then the sums over neurons."""
    from theory import reduce

    system = modified_particle_series(derivations.leading_order(1), 2)
    return reduce(system, condensed_order_parameters(system.neuron))


def _by_powers(expr: sp.Expr) -> str:
    """LaTeX with the powers of η one after another, and 1 − P taken out of each."""
    found = sp.Poly(expr, eta).all_coeffs()[::-1]
    factors = [sp.factor(sp.cancel(c / (1 - P))) for c in found]
    return expression_latex(sp.Add(*(c * (1 - P) * eta**n for n, c in enumerate(factors))), order="none")


paper.identity(
    "gd.modified",
    lambda: _components(modified_field(reduced_step(), 2)),
    lambda: _components(_stated_modified()),
    title="The flow that gradient descent follows, to second order in η",
    where="beyond the paper; backward error analysis",
    hypotheses=(*STEP, r"formal series in $\eta$ up to $\eta^2$; log of one step; $d = 1$"),
    uses=("gd.step",),
    basis="derived",
    statement=named(r"\dot P", r"\dot Q", printed=_by_powers),
)


def _stated_series() -> dict[str, sp.Expr]:
    """F − (η/2) F′F + η² (F′F′F/3 + F″(F, F)/12) of the (P, Q) system, with F′F, F′F′F and F″(F, F) in names."""
    field = Derivation(1).reduced
    over = field.variables
    F, once, twice, bent = (
        [sp.Symbol(f"{letter}_{{{v}}}", real=True) for v in over] for letter in ("F", "D", "E", "G")
    )
    called: dict[sp.Expr, sp.Expr] = dict(zip(F, field.components, strict=True))
    for names, vector in ((once, F), (twice, once)):
        for name, one in zip(names, field.components, strict=True):
            called[name] = sp.Add(*(x * one.diff(v) for x, v in zip(vector, over, strict=True)))
    for name, one in zip(bent, field.components, strict=True):
        called[name] = sp.Add(
            *(
                x * y * one.diff(v, w)
                for x, v in zip(F, over, strict=True)
                for y, w in zip(F, over, strict=True)
            )
        )
    rows = zip(over, F, once, twice, bent, strict=True)
    return {
        f"d{v}/dt": Named(one - eta / 2 * first + eta**2 * (second / 3 + third / 12), called)
        for v, one, first, second, third in rows
    }


paper.identity(
    "gd.series",
    lambda: _components(modified_field(euler_map(Derivation(1).reduced), 2)),
    _stated_series,
    title="The logarithm of a step is the series of backward error analysis",
    where="beyond the paper; backward error analysis",
    hypotheses=(
        r"Euler's step of $\dot x = F(x)$, for the $(P, Q)$ system; $\tilde F$: the formal series of its logarithm up "
        r"to $\eta^2$",
        r"$D = F'F$, $E = F'F'F$ and $G = F''(F, F)$: derivatives of $F$ along $F$ and along $D$",
    ),
    basis="derived",
    statement=named(r"\tilde F_P", r"\tilde F_Q"),
)


def _first_order(dim: int, order: int) -> dict[str, sp.Expr]:
    system = Derivation(dim, tanh_like(order)).truncated
    found = modified_particle_series(system, 1)
    return derivations.named(dim, found.minus(system))


def _regularisation(dim: int, order: int) -> dict[str, sp.Expr]:
    system = Derivation(dim, tanh_like(order)).truncated
    k = system.neuron
    norm = NeuronSum(sp.Add(*(c**2 for c in system.drift)), k)
    drift = tuple(-eta / 4 * neuron_derivative(norm, c, k) for c in k.coordinates)
    return derivations.named(dim, type(system)(k, drift))


_EXPANSIONS = ((1, 1), (2, 1), (1, 3))
"""(d, order of the expansion of σ) in which the regularisation is checked."""


def _over_expansions(part: Callable[[int, int], dict[str, sp.Expr]]) -> dict[str, sp.Expr]:
    return {f"K = {k}, {name}": e for d, k in _EXPANSIONS for name, e in part(d, k).items()}


paper.identity(
    "gd.regularised",
    lambda: _over_expansions(_first_order),
    lambda: _over_expansions(_regularisation),
    title="To first order in η gradient descent adds a multiple of the squared gradient to the risk",
    where="beyond the paper; backward error analysis",
    hypotheses=(
        r"truncated flow, any width; Assumptions 1 and 2",
        r"orders $K = 1$ of σ for $d = 1, 2$ and $K = 3$ for $d = 1$",
    ),
    uses=("eq10",),
    basis="derived",
    statement=r"-\tfrac{\eta}{2} F'F = -\nabla\,\tfrac{\eta}{4}\lVert\nabla R\rVert^2,\quad F = -\nabla R",
)
