"""Section 4: the linearised dynamics of the initial plateau, (15) and (23), its norm and error, (24), (25), (33)."""

from __future__ import annotations

import sympy as sp

import theory
from theory import Neuron, P, ParticleSystem, time
from theory.symbols import dot
from verify.papers.multistage import derivations, names
from verify.papers.multistage.dynamics import ASSUMPTIONS, SHOWN
from verify.papers.multistage.notation import printed_flow
from verify.papers.multistage.paper import paper
from verify.stating import expression_latex, implication, named


def equation_15(dim: int) -> ParticleSystem:
    k = Neuron("k", dim)
    return ParticleSystem(k, (k.w[0], k.a, *[sp.S.Zero] * (dim - 1)))


def equation_23(dim: int) -> dict[str, sp.Expr]:
    """ã_k(t), w̃_k(t) from the values at time 0."""
    a, *w = _start(dim)
    return {
        "a": a * sp.cosh(time) + w[0] * sp.sinh(time),
        "w1": w[0] * sp.cosh(time) + a * sp.sinh(time),
        **{f"w{i}": w[i - 1] for i in range(2, dim + 1)},
    }


def _start(dim: int) -> list[sp.Symbol]:
    return [theory.initial_value(coordinate) for coordinate in Neuron("k", dim).coordinates]


def _named(dim: int, components: dict[str, sp.Expr]) -> dict[str, sp.Expr]:
    return {f"d = {dim}: {name}": expr for name, expr in components.items()}


def _derived_solution(dim: int) -> dict[str, sp.Expr]:
    solution = theory.solve_linear(derivations.linearised(dim))
    return _named(dim, {coordinate.slot: expr for coordinate, expr in solution.items()})


def _left_of_15(dim: int) -> dict[str, sp.Expr]:
    """d/dt of (23), and (23) at time 0."""
    stated = equation_23(dim)
    rates = {f"d{name}/dt": expr.diff(time) for name, expr in stated.items()}
    return _named(dim, rates | {f"{name}(0)": expr.subs(time, 0) for name, expr in stated.items()})


def _right_of_15(dim: int) -> dict[str, sp.Expr]:
    """The derived linear drift along (23), and the initial values."""
    system = derivations.linearised(dim)
    stated = equation_23(dim)
    along = {coordinate: stated[coordinate.slot] for coordinate in system.neuron.coordinates}
    slots = list(stated)
    rates = {f"d{name}/dt": drift.xreplace(along) for name, drift in zip(slots, system.drift, strict=True)}
    return _named(dim, rates | {f"{name}(0)": s for name, s in zip(slots, _start(dim), strict=True)})


def _from_start(expr: sp.Expr) -> str:
    """LaTeX with the values at time 0 as they are written in (23), d = 2."""
    return expression_latex(
        expr, dict(zip(_start(2), ("a_k(0)", "w_k^{(1)}(0)", "w_k^{(2)}(0)"), strict=True))
    )


paper.identity(
    "eq15",
    lambda: derivations.over_dimensions(derivations.linearised),
    lambda: derivations.over_dimensions(equation_15),
    title="Linearised dynamics",
    where="Section 3.3, equation (15)",
    hypotheses=(*ASSUMPTIONS, SHOWN),
    uses=("eq10",),
    statement=printed_flow(),
)

paper.identity(
    "eq23",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _derived_solution(d).items()},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _named(d, equation_23(d)).items()},
    title="Solution of the linearised dynamics",
    where="Section 4, equation (23)",
    hypotheses=(*ASSUMPTIONS, SHOWN),
    uses=("eq15",),
    basis="derived",
    statement=named(
        r"\tilde{a}_k", r"\tilde{w}_k^{(1)}", r"\tilde{w}_k^{(2)}", only="d = 2:", printed=_from_start
    ),
)

paper.identity(
    "eq23.ode",
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _left_of_15(d).items()},
    lambda: {k: v for d in derivations.DIMENSIONS for k, v in _right_of_15(d).items()},
    title="The stated solution satisfies the linearised dynamics and its initial values",
    where="Section 4, equation (23)",
    hypotheses=(*ASSUMPTIONS, r"the first three lines are (15) along (23); " + SHOWN),
    uses=("eq15",),
    basis="derived",
    statement=named(
        r"\frac{d}{dt}\tilde{a}_k",
        r"\frac{d}{dt}\tilde{w}_k^{(1)}",
        r"\frac{d}{dt}\tilde{w}_k^{(2)}",
        r"\tilde{a}_k(0)",
        r"\tilde{w}_k^{(1)}(0)",
        r"\tilde{w}_k^{(2)}(0)",
        only="d = 2:",
        printed=_from_start,
    ),
)


def error_source(dim: int) -> dict[str, sp.Expr]:
    """What (10) has beyond (15): it drives Δ_k = θ_k − θ̃_k."""
    k = Neuron("k", dim)
    sums = tuple(names.sums(dim, P))
    pulls = (-k.a * s + names.g(dim, i) for i, s in enumerate(sums, 1))
    return names.rates(dim, (names.f(dim) - dot(k.w, sums), *pulls), names.remainders(dim, P))


paper.identity(
    "eq25",
    lambda: derivations.over_dimensions(
        lambda dim: derivations.aligned(dim).minus(derivations.linearised(dim))
    ),
    lambda: names.every(error_source),
    title="What drives the deviation from the linearised dynamics",
    where="Section 4, equation (25) and before (31)",
    hypotheses=(
        *ASSUMPTIONS,
        r"$\Delta_k = \theta_k - \tilde\theta_k$; $\mathcal{L}$ is the right side of (15), which is linear, so that "
        r"$\dot\Delta_k = \mathcal{L}\Delta_k + {}$ what is compared here, at $\theta$",
        r"$[\,\cdot\,]_{a}$, $[\,\cdot\,]_{w^{(i)}}$: the entries",
        names.REMAINDERS,
        SHOWN,
    ),
    uses=("eq10", "eq15"),
    basis="derived",
    statement=names.shown(
        *(rf"[\dot\Delta_k - \mathcal{{L}}\Delta_k]_{{{entry}}}" for entry in ("a", "w^{(1)}", "w^{(2)}"))
    ),
)

_a, _w, _rest = sp.symbols("a w W", real=True)
_q, _e = sp.Symbol("q", nonnegative=True), sp.Symbol("E", positive=True)

paper.inequality(
    "eq33",
    lambda: sp.And(
        sp.Le(((_e + 1 / _e) * _a + (_e - 1 / _e) * _w) ** 2 / 4, _e**2 * _q**2, evaluate=False),
        sp.Le(((_e + 1 / _e) * _w + (_e - 1 / _e) * _a) ** 2 / 4 + _rest**2, _e**2 * _q**2, evaluate=False),
        evaluate=False,
    ),
    over={_e: (1, None)},
    assuming=(sp.Le(_a**2, _q**2, evaluate=False), sp.Le(_w**2 + _rest**2, _q**2, evaluate=False)),
    title="Growth of the neuron-wise norm along the linearised dynamics",
    where="Section 4, equations (24) and (33)",
    hypotheses=(
        r"$E = e^t$ with $t \ge 0$, so that $\cosh t = (E + 1/E)/2$ and $\sinh t = (E - 1/E)/2$ in (23); $a$, $w$: "
        r"$a_k(0)$, $w_k^{(1)}(0)$. On the left are $\tilde a_k(t)^2$ and $\lVert\tilde w_k(t)\rVert^2$",
        r"$q = \tilde q(0)$ bounds $|a_k(0)|$ and $\lVert w_k(0)\rVert$; $W^2 = \sum_{i\ge2} (w_k^{(i)})^2$ stays",
        r"with (68): $\tilde q(t) \le \varepsilon e^t \sqrt{d}\,\sqrt{2\log(2m(d+1)/\delta)}$ with probability "
        r"$1 - \delta$",
    ),
    uses=("eq23",),
    basis="derived",
    statement=implication(after=r"\quad\text{hence } \tilde q(t) \le e^t\,\tilde q(0)"),
)
