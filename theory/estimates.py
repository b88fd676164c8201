"""Lemma 1 with explicit constants: bounds of the remainders f_k and g_k, found term by term from the derived flow.

The bracket calculus is the triangle inequality and nothing else. A quantity is bounded by a polynomial with
non-negative coefficients in

    q ≥ |a_j|, ‖w_j‖₂ for every neuron (11),   D ≥ ‖x‖₂ on the support of ρ,   F = ∫ |f*| ρ,   m,   L,

with |Σ_j φ_j| ≤ m max_j |φ_j|, |∫ ψ ρ| ≤ sup |ψ|, |∫ f* ψ ρ| ≤ F sup |ψ|, |w·x| ≤ qD (Cauchy–Schwarz), |x_i| ≤ D, and
|δ_K^(n)(u)| ≤ L |u|^(p−n), the remainder bound that :mod:`numerics.balls.remainder` proves for an activation; K = 1 and
p = 3 is Assumption 3, with L the larger of its two constants.

Inner products stay whole (:class:`Inner`): written out in d coordinates, each term would cost a factor. g_k is bounded
in its first component only. The hypotheses and (7)–(9) do not change under a rotation of the input space, and any unit
vector can be rotated to e₁, so that the same bound holds for e·g_k with every unit vector e, that is for ‖g_k‖₂.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from theory.activation import Remainder, Sigma, TaylorModel, tanh_like
from theory.brackets import Bracket, NeuronSum, rewrite
from theory.errors import TheoryError
from theory.flow import expand_activation, gradient_flow
from theory.network import Target, TwoLayerNetwork
from theory.particles import ParticleSystem
from theory.symbols import Coordinate, Neuron, dot, width

L = sp.Symbol("L", positive=True)
"""Constant of the remainder bound, for the remainder and its first derivative."""

D = sp.Symbol("D", positive=True)
"""Radius of a ball around 0 that contains the support of ρ (2-norm)."""

F = sp.Symbol("F", positive=True)
"""F = ∫ |f*| ρ."""

q = sp.Symbol("q", positive=True)
"""Neuron-wise norm max_k max(|a_k|, ‖w_k‖₂), equation (11)."""


class Inner(sp.Function):
    """w·x as one factor: ``Inner(w1, …, wd, x1, …, xd)``."""

    is_real = True
    is_commutative = True

    @property
    def written_out(self) -> sp.Expr:
        """Σ_i w_i x_i."""
        half = len(self.args) // 2
        return dot(self.args[:half], self.args[half:])


@dataclass(frozen=True)
class RemainderEstimate:
    """Bounds of what the truncation of the activation leaves out of the flow of one neuron.

    Attributes
    ----------
    f, g:
        |f_k| ≤ f and ‖g_k‖₂ ≤ g: polynomials in L, D, F, q, m and, beyond order 2, in |c_n|.
    order, power:
        The Taylor polynomial has this order, and the remainder begins with u^power.
    """

    f: sp.Expr
    g: sp.Expr
    order: int
    power: int


def remainder_estimate(
    dim: int, taylor: TaylorModel | None = None, power: int | None = None, *, integrated: bool = False
) -> RemainderEstimate:
    """Bounds of f_k and g_k, (12) of the multi-stage paper for the Taylor polynomial u.

    Parameters
    ----------
    dim:
        Dimension d of the input; the bounds do not depend on it.
    taylor:
        Taylor polynomial of σ; by default u, so that f_k and g_k are (8) and (9).
    power:
        p with |δ_K^(n)(u)| ≤ L |u|^(p−n), n = 0, 1; by default 3 for order 1, else order + 1.
    integrated:
        Only the bound of δ_K′ is assumed, and |δ_K(u)| ≤ L |u|^p/p follows from it.

    Raises
    ------
    TheoryError
        If a term contains something that the calculus has no bound for.
    """
    taylor = tanh_like(1) if taylor is None else taylor
    if power is None:
        power = 3 if taylor.order == 1 else taylor.order + 1
    if power <= taylor.order:
        raise TheoryError(f"A remainder of order {taylor.order} cannot begin with u^{power}.")
    rest = whole_remainders(dim, taylor)
    rules = _Rules(power, integrated)
    return RemainderEstimate(rules.bound(rest.drift[0]), rules.bound(rest.drift[1]), taylor.order, power)


def risk_estimate(dim: int, taylor: TaylorModel | None = None, power: int | None = None) -> sp.Expr:
    """Bound of the terms of the risk that contain a Taylor remainder of σ, as :func:`remainder_estimate` for the flow.

    With the Taylor polynomial u it bounds what R differs by from that of the network Σ_k a_k w_k·x.
    """
    taylor = tanh_like(1) if taylor is None else taylor
    if power is None:
        power = 3 if taylor.order == 1 else taylor.order + 1
    if power <= taylor.order:
        raise TheoryError(f"A remainder of order {taylor.order} cannot begin with u^{power}.")

    def fold(node: sp.Expr) -> sp.Expr | None:
        if not isinstance(node, Sigma):
            return None
        return taylor.expand(Sigma(node.args[0], _folded(node.args[1], dim)))

    expanded = sp.expand(rewrite(TwoLayerNetwork(dim).risk, fold))
    rest = sp.Add(*(term for term in sp.Add.make_args(expanded) if term.has(Remainder)))
    return _Rules(power).bound(rest)


def whole_remainders(dim: int, taylor: TaylorModel) -> ParticleSystem:
    """The part of the exact flow that contains a remainder, with every w·x kept as one :class:`Inner`.

    :func:`written_out` of it is the remainder part of the expanded flow.
    """
    flow = gradient_flow(TwoLayerNetwork(dim))

    def fold(node: sp.Expr) -> sp.Expr | None:
        if not isinstance(node, Sigma):
            return None
        return Sigma(node.args[0], _folded(node.args[1], dim))

    return expand_activation(flow.map(lambda drift: rewrite(drift, fold)), taylor).remainder_part()


def written_out(expr: sp.Expr) -> sp.Expr:
    """The expression with every :class:`Inner` replaced by its sum."""

    def rule(node: sp.Expr) -> sp.Expr | None:
        return node.written_out if isinstance(node, Inner) else None

    return rewrite(expr, rule)


def _folded(argument: sp.Expr, dim: int) -> sp.Expr:
    """Inner(w, x) for the argument Σ_i w_i x_i of an activation."""
    weights: dict[int, sp.Expr] = {}
    inputs: dict[int, sp.Expr] = {}
    for term in sp.Add.make_args(argument):
        for factor in sp.Mul.make_args(term):
            slot = _slot(factor)
            (weights if slot[0] == "w" else inputs)[int(slot[1:])] = factor
    w = [weights.get(i) for i in range(1, dim + 1)]
    x = [inputs.get(i) for i in range(1, dim + 1)]
    if None in w or None in x or argument != dot(tuple(w), tuple(x)):
        raise TheoryError(f"The argument {argument} of an activation is not an inner product w·x.")
    return Inner(*w, *x)


def _slot(symbol: sp.Expr) -> str:
    # An open bracket has plain symbols named after their slots in place of its bound coordinates.
    name = symbol.slot if isinstance(symbol, Coordinate) else getattr(symbol, "name", "")
    if name[:1] not in ("w", "x") or not name[1:].isdigit():
        raise TheoryError(f"The argument of an activation contains {symbol}, which is no coordinate.")
    return str(name)


class _Rules:
    """Upper bounds of absolute values, by the triangle inequality."""

    def __init__(self, power: int, integrated: bool = False) -> None:
        self.power = power
        self.integrated = integrated

    def bound(self, expr: sp.Expr) -> sp.Expr:
        """A polynomial ≥ |expr|, expanded."""
        return sp.expand(self._bound(expr, {}))

    def _bound(self, expr: sp.Expr, slots: Mapping[sp.Symbol, str]) -> sp.Expr:
        if expr.is_Add:
            return sp.Add(*(self._bound(term, slots) for term in expr.args))
        if expr.is_Mul:
            return sp.Mul(*(self._bound(factor, slots) for factor in expr.args))
        if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
            return self._bound(expr.base, slots) ** expr.exp
        if expr.is_number:
            return sp.Abs(expr)
        if isinstance(expr, Bracket):
            return self._of_bracket(expr, slots)
        if isinstance(expr, Inner):
            return q * D
        if isinstance(expr, Remainder):
            _, derivative, argument = expr.args
            if int(derivative) > 1:
                raise TheoryError(
                    f"No bound of the second derivative of a remainder is assumed, as in {expr}."
                )
            share = sp.Rational(1, self.power) if self.integrated and derivative == 0 else sp.S.One
            return share * L * self._bound(argument, slots) ** (self.power - int(derivative))
        if isinstance(expr, sp.Symbol):
            return self._of_symbol(expr, slots)
        raise TheoryError(f"There is no bound for {str(expr)[:60]} in the calculus of estimates.")

    def _of_bracket(self, bracket: Bracket, slots: Mapping[sp.Symbol, str]) -> sp.Expr:
        body, variables = bracket.open()
        inside = {**slots, **variables}
        if isinstance(bracket, NeuronSum):
            return width * self._bound(body, inside)
        return sp.Add(*(self._of_mean(term, inside) for term in sp.Add.make_args(sp.expand(body))))

    def _of_mean(self, term: sp.Expr, slots: Mapping[sp.Symbol, str]) -> sp.Expr:
        """|∫ term ρ|: F takes the place of one factor f*, and the rest is bounded by its supremum."""
        factors = [f for f in sp.Mul.make_args(term) if f.has(Target)]
        if not factors:
            return self._bound(term, slots)
        if len(factors) > 1 or not isinstance(factors[0], Target):
            raise TheoryError(
                f"A mean of {str(term)[:60]} has no bound by F = ∫|f*|ρ: f* must be one factor."
            )
        return F * self._bound(term / factors[0], slots)

    def _of_symbol(self, symbol: sp.Symbol, slots: Mapping[sp.Symbol, str]) -> sp.Expr:
        slot = symbol.slot if isinstance(symbol, Coordinate) else slots.get(symbol, "")
        if slot == "a" or slot[:1] == "w":
            return q
        if slot[:1] == "x":
            return D
        if symbol == width or symbol.is_nonnegative:
            return symbol
        return sp.Abs(symbol)


def cauchy_schwarz_defect(left: str = "w1", right: str = "a", dim: int = 1) -> tuple[sp.Expr, sp.Expr]:
    """(Σu²)(Σv²) − (Σuv)² and ½ Σ_j Σ_k (u_j v_k − u_k v_j)² over the neurons, for two of their coordinates.

    The two are equal (Lagrange's identity), and the second is a sum of squares: Cauchy–Schwarz for any width.
    """
    j, k = Neuron("j", dim), Neuron("k", dim)
    slots_j = {c.slot: c for c in j.coordinates}
    slots_k = {c.slot: c for c in k.coordinates}
    u, v, s, t = slots_j[left], slots_j[right], slots_k[left], slots_k[right]
    product = NeuronSum(u**2, j) * NeuronSum(v**2, j) - NeuronSum(u * v, j) ** 2
    squares = NeuronSum(NeuronSum((u * t - s * v) ** 2, k), j) / 2
    return product, squares
