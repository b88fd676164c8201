"""Where a particle system nearly stops: the conditions, the spectrum there for any width, and how nearly.

The Jacobian of the drift of all m neurons is a block D_k for each neuron plus one rank for each sum over neurons in the
drift. On the critical manifold P = 1 of the leading order (16) the blocks vanish: what is left is −v vᵀ, one fast
direction v with the rate −(‖a‖² + ‖w^(1)‖²) = −2Q, and m(1 + d) − 1 neutral ones. Multi-stage paper, section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from theory.brackets import NeuronSum, lower_apart, partial
from theory.conservation import MEAN_FIELD, Scaling, lowest_order
from theory.critical import common_factor
from theory.errors import TheoryError
from theory.particles import ParticleSystem
from theory.symbols import Neuron, width
from theory.vectorfield import VectorField


@dataclass(frozen=True)
class ParticleJacobian:
    """∂(drift of neuron k)/∂(weights of neuron l) = δ_kl own + Σ_r columns[r](θ_k) rows[r](θ_l), for any width.

    Attributes
    ----------
    neuron:
        The neuron in whose coordinates all entries are written; in ``rows`` they stand for those of neuron l.
    own:
        (1 + d) × (1 + d) matrix: the sums over neurons held fixed.
    columns, rows:
        One vector of length 1 + d for each sum over neurons in the drift.
    """

    neuron: Neuron
    own: sp.ImmutableMatrix
    columns: tuple[tuple[sp.Expr, ...], ...]
    rows: tuple[tuple[sp.Expr, ...], ...]

    @property
    def small_matrix(self) -> sp.ImmutableMatrix:
        """G_rs = Σ_j rows[r](θ_j)·columns[s](θ_j): where ``own`` is zero its eigenvalues are the non-zero spectrum."""
        size = len(self.rows)

        def entry(r: int, s: int) -> sp.Expr:
            return NeuronSum(_product(self.rows[r], self.columns[s]), self.neuron)

        return sp.ImmutableMatrix(size, size, entry)

    def apply(self, direction: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
        """The Jacobian times a vector, given as a function of one neuron's weights, at neuron k."""
        amounts = [NeuronSum(_product(row, direction), self.neuron) for row in self.rows]
        here = self.own * sp.Matrix(direction)
        return tuple(
            sp.expand(here[c] + sp.Add(*(u[c] * s for u, s in zip(self.columns, amounts, strict=True))))
            for c in range(len(direction))
        )


@dataclass(frozen=True)
class Mode:
    """An eigenvalue of the linearisation with its eigenvector, a function of one neuron's weights."""

    rate: sp.Expr
    direction: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Spectrum:
    """The spectrum of the linearisation of all m neurons at a critical set.

    Attributes
    ----------
    modes:
        Eigenvalues that are not zero, exact in sums over neurons, with eigenvectors.
    neutral:
        Dimension of the kernel, in terms of the width m.
    """

    modes: tuple[Mode, ...]
    neutral: sp.Expr


def particle_jacobian(
    system: ParticleSystem, at: Mapping[sp.Expr, sp.Expr] | None = None
) -> ParticleJacobian:
    """The Jacobian of a polynomial system, where given sums over neurons have given values.

    Raises
    ------
    TheoryError
        If σ still stands in the drift, so that the neuron's own weights stand inside a bracket.
    """
    neuron = system.neuron
    values = dict(at or {})
    lowered, table = lower_apart(sp.Tuple(*system.drift), neuron.coordinates)

    def there(expr: sp.Expr) -> sp.Expr:
        known = {symbol: values.get(bracket, bracket) for symbol, bracket in table.items()}
        return sp.expand(expr.xreplace(known))

    own = sp.ImmutableMatrix([[there(partial(c, q)) for q in neuron.coordinates] for c in lowered])
    columns, rows = [], []
    for symbol, bracket in table.items():
        column = tuple(there(component.diff(symbol)) for component in lowered)
        if any(entry != 0 for entry in column):
            body, _ = bracket.open(neuron)
            columns.append(column)
            rows.append(tuple(partial(body, q) for q in neuron.coordinates))
    return ParticleJacobian(neuron, own, tuple(columns), tuple(rows))


def critical_spectrum(system: ParticleSystem, at: Mapping[sp.Expr, sp.Expr]) -> Spectrum:
    """The spectrum for any width on a set where every neuron stops, whatever its own weights.

    Parameters
    ----------
    system:
        A polynomial particle system.
    at:
        The set: sum over neurons → its value there, such as P → 1.

    Raises
    ------
    TheoryError
        If the system does not stop there, if the part of each neuron for itself does not vanish there (then the
        spectrum is that of m different blocks), or if an eigenvalue is not simple.
    """
    jacobian = particle_jacobian(system, at)
    if any(_put(component, at) != 0 for component in system.drift):
        raise TheoryError("The system does not stop on this set; a spectrum is taken at critical points.")
    if any(entry != 0 for entry in jacobian.own):
        raise TheoryError("Each neuron has a linear part of its own there; use particle_jacobian.")
    lowered, table = lower_apart(sp.Tuple(*jacobian.small_matrix), system.neuron.coordinates)
    size = len(jacobian.rows)
    matrix = sp.Matrix(size, size, list(lowered))
    modes = []
    for value, multiplicity, vectors in matrix.eigenvects():
        if value == 0 or multiplicity != 1:
            raise TheoryError("An eigenvalue is not simple; the directions are not told apart here.")
        amounts = [entry.xreplace(table) for entry in vectors[0]]
        direction = tuple(
            sp.expand(sp.Add(*(u[c] * s for u, s in zip(jacobian.columns, amounts, strict=True))))
            for c in range(len(system.drift))
        )
        modes.append(Mode(value.xreplace(table), _positive_first(direction)))
    neutral = sp.expand(width * len(system.drift) - len(modes))
    return Spectrum(tuple(modes), neutral)


def field_spectrum(field: VectorField, at: Mapping[sp.Symbol, sp.Expr]) -> tuple[sp.Expr, ...]:
    """Eigenvalues, with multiplicity, of a vector field on a critical set given as a substitution.

    Raises
    ------
    TheoryError
        If the field does not vanish there.
    """
    if any(sp.expand(component.subs(dict(at))) != 0 for component in field.components):
        raise TheoryError("The field does not vanish on this set; a spectrum is taken at critical points.")
    values = field.jacobian.subs(dict(at)).eigenvals()
    return tuple(sorted((sp.expand(v) for v, n in values.items() for _ in range(n)), key=sp.default_sort_key))


@dataclass(frozen=True)
class ApproximateManifold:
    """A set on which a leading order stops and the whole system nearly does.

    Attributes
    ----------
    condition:
        What vanishes on it, in sums over neurons: 1 − P.
    residual:
        The drift of the whole system there; (21) for the expanded flow.
    order:
        Lowest power of λ in the residual, relative to the weights themselves; 2 means 1/m in the mean-field scaling.
    rate:
        The rate at which the leading order relaxes onto the set.
    displacement:
        Where the system relaxes to instead, as the value of −condition to the lowest order: P − 1 = … for 1 − P.
    """

    condition: sp.Expr
    residual: ParticleSystem
    order: int
    rate: sp.Expr
    displacement: sp.Expr


def approximate_manifold(
    leading: ParticleSystem, system: ParticleSystem, scaling: Scaling = MEAN_FIELD
) -> ApproximateManifold:
    """The critical manifold of a leading order as an approximate one of the whole system.

    The condition g must be linear in one sum over neurons with a rational coefficient. Across the manifold
    dg/dt = rate·g + (its rate along the residual), which balances at the displacement.

    Raises
    ------
    TheoryError
        If the leading order has no such factor, or several fast directions.
    """
    condition = common_factor(leading)
    at = critical_manifold(leading)
    spectrum = critical_spectrum(leading, at)
    if len(spectrum.modes) != 1:
        raise TheoryError(f"The leading order has {len(spectrum.modes)} fast directions, not one.")
    rate = spectrum.modes[0].rate
    residual = system.map(lambda drift: _put(drift, at))
    orders = [
        lowest_order(component, scaling)[0] - scaling.coordinate(c.slot)
        for c, component in zip(system.neuron.coordinates, residual.drift, strict=True)
        if component != 0
    ]
    if not orders:
        raise TheoryError("The system stops there exactly: its spectrum is that of critical_spectrum.")
    pushed = _put(residual.derivative(condition), at)
    lowest = lowest_order(pushed, scaling)[1] if pushed != 0 else sp.S.Zero
    terms = (sp.cancel(term / rate) for term in sp.Add.make_args(sp.expand(lowest)))
    return ApproximateManifold(condition, residual, min(orders), rate, sp.Add(*terms))


def relative_gradient(system: ParticleSystem) -> sp.Expr:
    """(‖∇R‖/‖θ‖)² of a gradient system, exact in sums over neurons, with the factors that all neurons share apart.

    At the leading order (16) it is (1 − P)² times the share of a and w^(1) in ‖θ‖²: Cor. 3, equations (54), (55).
    """
    neuron = system.neuron
    top = NeuronSum(_product(system.drift, system.drift), neuron)
    bottom = NeuronSum(_product(neuron.coordinates, neuron.coordinates), neuron)
    lowered, table = lower_apart(sp.Tuple(top, bottom), neuron.coordinates)
    return (sp.factor(lowered[0]) / lowered[1]).xreplace(table)


def critical_manifold(system: ParticleSystem) -> dict[sp.Expr, sp.Expr]:
    """The set on which every neuron stops, solved for a sum over neurons: {P: 1} for the leading order (16).

    Raises
    ------
    TheoryError
        If the common factor of the drift is not linear in a sum over neurons with a rational coefficient.
    """
    condition = common_factor(system)
    lowered, table = lower_apart(condition, system.neuron.coordinates)
    for symbol, bracket in table.items():
        polynomial = sp.Poly(lowered, symbol)
        if polynomial.degree() == 1 and polynomial.LC().is_Rational:
            slope, constant = polynomial.all_coeffs()
            return {bracket: sp.expand(-constant / slope).xreplace(table)}
    raise TheoryError(f"The condition {condition} = 0 is not solved for a sum over neurons.")


def _put(expr: sp.Expr, at: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    lowered, table = lower_apart(expr, ())
    return sp.expand(lowered.xreplace({s: at.get(b, b) for s, b in table.items()}))


def _positive_first(direction: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    first = next(entry for entry in direction if entry != 0)
    sign = -1 if first.could_extract_minus_sign() else 1
    return tuple(sign * entry for entry in direction)


def _product(left: tuple[sp.Expr, ...], right: tuple[sp.Expr, ...]) -> sp.Expr:
    return sp.expand(sp.Add(*(p * q for p, q in zip(left, right, strict=True))))
