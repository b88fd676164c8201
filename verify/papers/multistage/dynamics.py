"""Section 3.2 and Appendix B: the exact flow and its split into a leading part and remainders, (7)–(10), (65)–(67)."""

from __future__ import annotations

import sympy as sp

import theory
from theory import (
    DataMean,
    Neuron,
    NeuronSum,
    P,
    ParticleSystem,
    Sample,
    Sigma,
    Target,
    TwoLayerNetwork,
)
from theory.naming import in_full
from theory.symbols import dot
from verify.papers.multistage import derivations, names
from verify.papers.multistage.notation import printed_flow
from verify.papers.multistage.paper import paper
from verify.stating import named

FLOW = (r"gradient flow $\dot\theta = -\nabla R(\theta)$, any width $m$",)
SHOWN = "printed for $d = 2$, checked for $d = 1, 2, 3$"
EVERY = "written for every $d$, checked for $d = 1, 2, 3$"
ANY_DATA = "any data, whatever their second moments and $z$"
ASSUMPTIONS = (*FLOW, r"Assumptions 1 and 2 with $\lVert z\rVert = 1$, coordinates rotated so that $z = e_1$")


def _sum_unit(dim: int, outer: object) -> sp.Expr:
    """Σ_j a_j φ(w_j·x) at the free input point x."""
    j, x = Neuron("j", dim), Sample("x", dim)
    return NeuronSum(j.a * outer(dot(j.w, x.x)), j)  # type: ignore[operator]


def residual(dim: int) -> sp.Expr:
    """r(x) = f_θ(x) − f*(x)."""
    return _sum_unit(dim, lambda u: Sigma(0, u)) - Target(*Sample("x", dim).x)


def exact_flow(dim: int) -> ParticleSystem:
    """(65) before the activation is expanded."""
    k, x = Neuron("k", dim), Sample("x", dim)
    u = dot(k.w, x.x)
    drift_a = -DataMean(residual(dim) * Sigma(0, u), x)
    drift_w = [-k.a * DataMean(residual(dim) * Sigma(1, u) * xi, x) for xi in x.x]
    return ParticleSystem(k, (drift_a, *drift_w))


def _remainder(dim: int, index: slice) -> dict[str, sp.Expr]:
    system = derivations.expanded(dim).remainder_part()
    return dict(list(derivations.named(dim, system).items())[index])


def _stated_remainder(dim: int, index: slice) -> dict[str, sp.Expr]:
    stated = names.rates(dim, (names.f_k(dim), *names.g_k(dim)), names.split(dim))
    return dict(list(stated.items())[index])


def equation_7(dim: int) -> dict[str, sp.Expr]:
    """Leading terms, which pull towards z − M₂ Σ_j a_j w_j, and remainders."""
    k, data = Neuron("k", dim), theory.general(dim)
    pull = sp.Matrix(data.z) - data.second_moments * sp.Matrix(list(names.sums(dim)))
    drift_a = dot(k.w, tuple(pull)) + names.f(dim)
    drift_w = (k.a * entry + names.g(dim, i) for i, entry in enumerate(pull, 1))
    return names.rates(dim, (drift_a, *drift_w), names.remainders(dim))


def equation_10(dim: int) -> dict[str, sp.Expr]:
    k = Neuron("k", dim)
    across = range(2, dim + 1)
    drift_a = k.w[0] * (1 - P) - sp.Add(*(k.w[i - 1] * names.S(i) for i in across)) + names.f(dim)
    drift_w = (-k.a * names.S(i) + names.g(dim, i) for i in across)
    first = k.a * (1 - P) + names.g(dim, 1)
    return names.rates(dim, (drift_a, first, *drift_w), names.remainders(dim, P))


RATES = (r"\dot{a}_k", r"\dot{w}_k^{(1)}", r"\dot{w}_k^{(2)}")


paper.identity(
    "eq65",
    lambda: derivations.over_dimensions(derivations.flow),
    lambda: derivations.over_dimensions(exact_flow),
    title="Gradient flow of one neuron, before expansion",
    where="Appendix B, equation (65)",
    hypotheses=(*FLOW, SHOWN),
    basis="derived",
    statement=printed_flow(),
)


def _linear_moments(dim: int) -> dict[str, sp.Expr]:
    k, j, x = Neuron("k", dim), Neuron("j", dim), Sample("x", dim)
    data = theory.aligned(dim)
    return {
        f"d = {dim}: f* w·x": data.apply(DataMean(Target(*x.x) * dot(k.w, x.x), x)),
        f"d = {dim}: (w·x)(w·x)": data.apply(DataMean(dot(k.w, x.x) * dot(j.w, x.x), x)),
    }


def _stated_linear_moments(dim: int) -> dict[str, sp.Expr]:
    k, j = Neuron("k", dim), Neuron("j", dim)
    return {f"d = {dim}: f* w·x": k.w[0], f"d = {dim}: (w·x)(w·x)": dot(k.w, j.w)}


paper.identity(
    "eq66",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _linear_moments(d).items() if "f*" in k},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _stated_linear_moments(d).items() if "f*" in k},
    title="Mean of the target times a linear function",
    where="Appendix B, equation (66)",
    hypotheses=(ASSUMPTIONS[1], r"$w\cdot z$ with $z = e_1$; " + SHOWN),
    statement=named(r"\int f^{*}(x)\, w_k\cdot x\,\rho", only="d = 2:"),
)

paper.identity(
    "eq67",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _linear_moments(d).items() if "f*" not in k},
    lambda: {
        k: v for d in derivations.DIMENSIONS for k, v in _stated_linear_moments(d).items() if "f*" not in k
    },
    title="Mean of the product of two linear functions",
    where="Appendix B, equation (67)",
    hypotheses=(ASSUMPTIONS[1], r"$w_j\cdot w_k$ written out; " + SHOWN),
    statement=named(r"\int (w_j\cdot x)(w_k\cdot x)\,\rho", only="d = 2:"),
)

paper.identity(
    "eq8",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _remainder(d, slice(0, 1)).items()},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _stated_remainder(d, slice(0, 1)).items()},
    aligned=False,
    title="Remainder of the output weight",
    where="Section 3.2, equation (8)",
    hypotheses=(*FLOW, ANY_DATA, SHOWN),
    basis="derived",
    statement=named("f_k", only="d = 2"),
)

paper.identity(
    "eq9",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _remainder(d, slice(1, None)).items()},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _stated_remainder(d, slice(1, None)).items()},
    aligned=False,
    title="Remainder of the input weights",
    where="Section 3.2, equation (9)",
    hypotheses=(*FLOW, ANY_DATA, SHOWN),
    basis="derived",
    statement=named("g_k^{(1)}", "g_k^{(2)}", only="d = 2"),
)

paper.identity(
    "eq7",
    lambda: derivations.over_dimensions(derivations.expanded),
    lambda: names.every(equation_7),
    aligned=False,
    title="The dynamics with leading terms and remainders, an identity",
    where="Section 3.2, equation (7)",
    hypotheses=(
        *FLOW,
        r"any data with second moments $M_2$ and any $z$: $M_{2 0}$, $M_{1 1}$, $M_{0 2}$ are the entries of $M_2$, "
        r"the brackets those of $z - M_2 \sum_j a_j w_j$",
        names.REMAINDERS,
        SHOWN,
    ),
    uses=("eq65", "eq8", "eq9", "eq7.taylor"),
    basis="derived",
    statement=names.shown(*RATES),
)


def _restored(dim: int, highest: int) -> dict[str, sp.Expr]:
    found: dict[str, sp.Expr] = {}
    for order in range(1, highest + 1):
        taylor = theory.tanh_like(order)
        system = theory.restore_activation(theory.expand_activation(derivations.flow(dim), taylor), taylor)
        found |= {f"order {order}, {name}": drift for name, drift in derivations.named(dim, system).items()}
    return found


def _exact_at_every_order(dim: int, highest: int) -> dict[str, sp.Expr]:
    flow = derivations.named(dim, derivations.flow(dim))
    return {
        f"order {order}, {name}": drift for order in range(1, highest + 1) for name, drift in flow.items()
    }


paper.identity(
    "eq7.taylor",
    lambda: _restored(1, 5) | _restored(2, 3),
    lambda: _exact_at_every_order(1, 5) | _exact_at_every_order(2, 3),
    aligned=False,
    title="Taylor expansion with its remainder loses nothing",
    where="Section 3.2, “come from Taylor's expansion”",
    hypotheses=(*FLOW, r"$\sigma$ smooth; orders 1 to 5 for $d = 1$ and 1 to 3 for $d = 2$"),
    basis="derived",
    statement=(
        r"\sigma(u) = \sum_{n=1}^{K} c_n u^n + \delta_K(u) \;\Longrightarrow\; "
        r"\dot\theta\,[\textstyle\sum c_n u^n + \delta_K] = \dot\theta\,[\sigma]"
    ),
)


def _by_brute_force(dim: int, width: int) -> dict[str, sp.Expr]:
    """−∂R/∂θ_1 with the risk of m neurons on two input points written out, by plain calculus."""
    model = theory.explicit_model(dim, width, 2)
    risk = model.interpret(TwoLayerNetwork(dim).risk)
    slots = derivations.named(dim, derivations.flow(dim))
    return {
        f"m = {width}, {name}": -sp.diff(risk, entry)
        for name, entry in zip(slots, model.neurons[0], strict=True)
    }


def _written_out(dim: int, width: int) -> dict[str, sp.Expr]:
    model = theory.explicit_model(dim, width, 2)
    stated = {name: in_full(drift) for name, drift in equation_7(dim).items()}
    return {f"m = {width}, {name}": sp.expand(model.interpret(drift)) for name, drift in stated.items()}


paper.identity(
    "eq7.explicit",
    lambda: {k: v for d in (1, 2) for m in (1, 2, 3) for k, v in _by_brute_force(d, m).items()},
    lambda: {k: v for d in (1, 2) for m in (1, 2, 3) for k, v in _written_out(d, m).items()},
    title="The dynamics again, by brute force at small width",
    where="Section 3.2, equation (7)",
    hypotheses=(r"$m = 1, 2, 3$ neurons, $n = 2$ weighted input points, every number a symbol; $d = 1, 2$",),
    basis="derived",
    statement=(
        r"-\frac{\partial R}{\partial\theta_1}\Big|_{m,\,n=2} = "
        r"\text{(7) with (8), (9) and all sums written out}"
    ),
)

paper.identity(
    "eq10",
    lambda: derivations.over_dimensions(derivations.aligned),
    lambda: names.every(equation_10),
    title="The dynamics entry by entry",
    where="Section 3.2, equation (10)",
    hypotheses=(*ASSUMPTIONS, names.REMAINDERS, SHOWN),
    uses=("eq7", "eq66", "eq67"),
    basis="derived",
    statement=names.shown(*RATES),
)
