"""Sections 3.3 and 5: leading order of the descent, reduction to (P, Q), its exact solution: (16)–(20), B1."""

from __future__ import annotations

import sympy as sp

import theory
from theory import Neuron, NeuronSum, P, ParticleSystem, Q, time
from theory.naming import Named, quantity
from verify.papers.multistage import derivations
from verify.papers.multistage.dynamics import ASSUMPTIONS, SHOWN
from verify.papers.multistage.notation import printed_flow
from verify.papers.multistage.paper import paper
from verify.stating import expression_latex, named

P0 = sp.Symbol("P0", real=True)
CHECKED = "checked for $d = 1, 2, 3$"
ALONG_16 = (*ASSUMPTIONS, "along the leading-order dynamics (16)")


def equation_16(dim: int) -> ParticleSystem:
    k = Neuron("k", dim)
    stop = 1 - theory.drift_sum(k, 1)
    return ParticleSystem(k, (k.w[0] * stop, k.a * stop, *[sp.S.Zero] * (dim - 1)))


def order_parameters(dim: int) -> dict[str, sp.Expr]:
    """(17) and (18)."""
    k = Neuron("k", dim)
    a, w = k.a, k.w[0]
    return {"P": NeuronSum(a * w, k), "Q": NeuronSum(a**2 + w**2, k) / 2}


def reduced_flow() -> dict[str, sp.Expr]:
    """d/dt of P and Q."""
    return {"dP/dt": 2 * Q * (1 - P), "dQ/dt": 2 * P * (1 - P)}


def conserved_quantity() -> sp.Expr:
    return Q**2 - P**2


def equation_19() -> sp.Expr:
    """dP/dt."""
    return 2 * P * (1 - P)


def equation_20() -> sp.Expr:
    """P(t), started at time 0."""
    return P0 / (P0 + (1 - P0) * sp.exp(-2 * time))


def closed_form() -> dict[str, sp.Expr]:
    """B1: the (P, Q) system solved exactly, with v = e^{2s} as parameter."""
    solution = derivations.of(1).descent
    v, A, B = solution.v, solution.A, solution.B
    low, high = sp.Symbol("v_{-}", real=True), sp.Symbol("v_{+}", real=True)
    root = sp.sqrt(1 + 4 * A * B)
    ends = {low: (1 - root) / (2 * A), high: (1 + root) / (2 * A)}
    time_of_v = (sp.log((v - low) / (1 - low)) - sp.log((high - v) / (high - 1))) / (2 * A * (high - low))
    return {"P": A * v - B / v, "Q": A * v + B / v, "t": Named(time_of_v, ends)}


def _derived_reduction(dim: int) -> dict[str, sp.Expr]:
    field = derivations.of(dim).reduced
    return {f"d = {dim}: d{v}/dt": field[v] for v in field.variables}


paper.identity(
    "eq16",
    lambda: derivations.over_dimensions(derivations.leading_order),
    lambda: derivations.over_dimensions(equation_16),
    title="Leading order of the descent",
    where="Section 3.3, equation (16)",
    hypotheses=(
        *ASSUMPTIONS,
        r"order $\lambda^0$ when $w_k^{(i)} = O(\lambda)$ for $i \ge 2$, remainders left out",
        SHOWN,
    ),
    uses=("eq10",),
    statement=printed_flow(),
)

paper.identity(
    "eq17",
    lambda: theory.drift_sum(Neuron("k", 2), 1),
    lambda: order_parameters(2)["P"],
    title="Order parameter P",
    where="Section 3.3, equation (17)",
    hypotheses=(r"definition; $P = S_1$; printed and checked for $d = 2$",),
    statement=named("P"),
)

paper.identity(
    "eq18",
    lambda: theory.reduce(
        derivations.leading_order(2), theory.condensed_order_parameters(Neuron("k", 2))
    ).definitions[Q],
    lambda: order_parameters(2)["Q"],
    title="Order parameter Q",
    where="Section 3.3, equation (18)",
    hypotheses=(r"definition; the factor $\frac12$ is a convention; printed and checked for $d = 2$",),
    basis="chosen",
    statement=named("Q"),
)

paper.identity(
    "eq18.flow",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _derived_reduction(d).items()},
    lambda: {
        f"d = {d}: {name}": rate for d in derivations.DIMENSIONS for name, rate in reduced_flow().items()
    },
    title="The order parameters close exactly",
    where="Section 3.3, between (18) and (19)",
    hypotheses=(*ALONG_16, CHECKED),
    uses=("eq16", "eq17", "eq18"),
    basis="derived",
    statement=named(r"\dot P", r"\dot Q", only="d = 2:"),
)

paper.identity(
    "eq18.invariant",
    lambda: {f"d = {d}": derivations.of(d).conserved for d in derivations.DIMENSIONS},
    lambda: {f"d = {d}": conserved_quantity() for d in derivations.DIMENSIONS},
    title="Conservation law of the order parameters",
    where="Section 5.1, Proposition 5 at leading order",
    hypotheses=(*ALONG_16, "the only polynomial of degree at most 2, up to a factor and a constant", CHECKED),
    uses=("eq18.flow",),
    basis="derived",
    statement=lambda lhs, rhs: expression_latex(rhs["d = 2"]) + r" = \text{constant}",
)


def _found_neuron_invariants(dim: int) -> dict[str, sp.Expr]:
    found = theory.neuron_invariants(derivations.leading_order(dim), 2)
    return {f"d = {dim}: {i}": quantity for i, quantity in enumerate(sorted(found, key=sp.default_sort_key))}


def _stated_neuron_invariants(dim: int) -> dict[str, sp.Expr]:
    k = Neuron("k", dim)
    across = k.w[1:]
    products = [p * q for i, p in enumerate(across) for q in across[i:]]
    stated = sorted([k.w[0] ** 2 - k.a**2, *across, *products], key=sp.default_sort_key)
    return {f"d = {dim}: {i}": quantity for i, quantity in enumerate(stated)}


def _conserved_latex(lhs: dict[str, sp.Expr], rhs: dict[str, sp.Expr]) -> str:
    listed = [expression_latex(quantity) for name, quantity in rhs.items() if name.startswith("d = 2:")]
    return r",\quad ".join(listed) + r" \quad\text{are constant}"


paper.identity(
    "eq18.neuron",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _found_neuron_invariants(d).items()},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _stated_neuron_invariants(d).items()},
    title="Conservation law of each neuron",
    where="Section 5.1, Proposition 5 at leading order",
    hypotheses=(*ALONG_16, "all polynomials of degree at most 2 in one neuron's weights", SHOWN),
    uses=("eq16",),
    basis="derived",
    statement=_conserved_latex,
)


def _double_gap() -> sp.Expr:
    stated = order_parameters(2)
    return 2 * (stated["Q"] - stated["P"])


def _sum_of_squares() -> sp.Expr:
    k = Neuron("k", 2)
    gap = quantity("D", k)
    return Named(NeuronSum(gap**2, k), {gap: k.a - k.w[0]})


paper.identity(
    "eq18.order",
    _double_gap,
    _sum_of_squares,
    title="P ≤ Q, the Cauchy–Schwarz step, up to a step left to the reader",
    where="Section 5.1, proof of Proposition 4",
    hypotheses=(
        "any weights, any width; checked for $d = 2$, where the weights across $e_1$ do not stand in it",
        r"a sum of squares is not negative, so that $P \le Q$: this step is not part of the check",
    ),
    uses=("eq17", "eq18"),
    basis="derived",
    statement=named("2(Q - P)"),
)

paper.identity(
    "eq19",
    lambda: derivations.of(1).logistic[P],
    equation_19,
    title="Logistic equation",
    where="Section 3.3, equation (19)",
    hypotheses=(*ALONG_16, "on the level set $Q^2 - P^2 = 0$ with $P > 0$, where $Q = P$"),
    uses=("eq18.flow", "eq18.invariant", "eq18.order"),
    statement=named(r"\dot P"),
)

paper.identity(
    "eq20",
    lambda: theory.solve_riccati(derivations.of(1).logistic[P], P),
    equation_20,
    title="Solution of the logistic equation",
    where="Section 3.3, equation (20)",
    hypotheses=(*ALONG_16, "$t_0 = 0$"),
    uses=("eq19",),
    statement=named("P(t)"),
)

paper.identity(
    "eq20.ode",
    lambda: {"dP/dt": equation_20().diff(time), "P(0)": equation_20().subs(time, 0)},
    lambda: {"dP/dt": Named(derivations.of(1).logistic[P], {P: equation_20()}), "P(0)": P0},
    title="The stated solution satisfies the logistic equation and its initial value",
    where="Section 3.3, equation (20)",
    hypotheses=(*ALONG_16, "$t_0 = 0$"),
    uses=("eq19",),
    basis="derived",
    statement=named(r"\frac{dP}{dt}", "P(0)"),
)

paper.identity(
    "b1",
    lambda: {name: getattr(derivations.of(1).descent, name) for name in ("P", "Q", "t")},
    closed_form,
    title="Exact solution of the leading-order dynamics",
    where="beyond the paper",
    hypotheses=(
        *ALONG_16,
        "$A = (P_0 + Q_0)/2 > 0$, $B = (Q_0 - P_0)/2 \\ge 0$, $P_0 = A - B < 1$, which is $v_+ > 1$; parameter $v = "
        "e^{2s}$, $1 \\le v < v_+$",
    ),
    uses=("eq18.flow",),
    basis="derived",
    statement=named("P", "Q", "t"),
)


def _left_of_reduced() -> dict[str, sp.Expr]:
    v, stated = derivations.of(1).descent.v, closed_form()
    return {f"d{name}/dv": stated[name].diff(v) for name in ("P", "Q")}


def _right_of_reduced() -> dict[str, sp.Expr]:
    """The derived rates of P and Q along the stated solution, times dt/dv."""
    stated, field = closed_form(), derivations.of(1).reduced
    slowness = sp.Symbol(r"t^{\prime}", real=True)
    called = dict(stated["t"].meanings)
    called |= {slowness: stated["t"].stated.diff(derivations.of(1).descent.v), P: stated["P"], Q: stated["Q"]}
    return {f"d{v}/dv": Named(field[v] * slowness, called) for v in (P, Q)}


paper.identity(
    "b1.ode",
    _left_of_reduced,
    _right_of_reduced,
    title="The closed form satisfies the (P, Q) system",
    where="beyond the paper",
    hypotheses=(
        *ALONG_16,
        r"$P$, $Q$ and $t$ as functions of $v$ are those of b1; $t^{\prime} = dt/dv$, and on the right are the rates "
        "of eq18.flow",
    ),
    uses=("eq18.flow", "b1"),
    basis="derived",
    statement=named(r"\frac{dP}{dv}", r"\frac{dQ}{dv}"),
)
