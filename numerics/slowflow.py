"""Numeric solutions of the slow flow of the secondary plateau, from the drift that theory derives.

The state is A_k = √m a_k and B_k = √m w_k for the neurons of a draw, or for weighted representatives of them (with
Gauss–Hermite nodes as m → ∞); the time is τ = t/m. Section 6.2 of the multi-stage paper. Nothing is typed in here:
drift, energy and multiplier are generated code.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.integrate import quad, solve_ivp

from numerics.array import FloatArray
from numerics.errors import InputError

if TYPE_CHECKING:
    import sympy as sp

    from theory import ParticleSystem, SlowFlow

RUN_AWAY = 8.0
"""A neuron counts as running away once its B² is so many times the largest of the start; the rest of its time is
integrated with the multiplier frozen there, where the multiplier matters little."""


@dataclass(frozen=True)
class Profile:
    """Start of the slow flow: neurons A (n,), B (n, d), with weights (n,) of sum 1, and ⟨A B⟩ on the surface."""

    A: FloatArray
    B: FloatArray
    weights: FloatArray

    def mean(self, values: FloatArray) -> float:
        """⟨values⟩ over the neurons."""
        return float(self.weights @ values)


def profile_of_draw(initial: FloatArray) -> Profile:
    """What the initial descent makes of initial weights (m, 1 + d): A = B₁ = ξ, ξ ∝ (a + w₁)(0) with ⟨ξ²⟩ = 1.

    The weights across e₁ start at 0: on this scale they are what the initialisation was, smaller than B₁ by m^(½−α).
    """
    xi = np.asarray(initial[:, 0] + initial[:, 1], dtype=float)
    return _condensed(xi, np.full(len(xi), 1.0 / len(xi)), initial.shape[1] - 1)


def profile_of_normal(nodes: int, dim: int = 1) -> Profile:
    """The limit m → ∞: ξ standard normal, at ``nodes`` Gauss–Hermite nodes.

    The largest node stands for no neuron of a real draw: run-away times are not to be had from it.
    """
    if nodes < 4:
        raise InputError(f"{nodes} nodes are too few: fourth moments of the profile need at least 4.")
    xi, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return _condensed(xi, weights / math.fsum(weights), dim)


def _condensed(xi: FloatArray, weights: FloatArray, dim: int) -> Profile:
    size = float(weights @ xi**2)
    if not (np.isfinite(size) and size > 0):
        raise InputError("The profile a + w₁ of the initial weights is zero or not finite.")
    xi = xi / math.sqrt(size)
    B = np.zeros((len(xi), dim))
    B[:, 0] = xi
    return Profile(xi, B, weights)


@dataclass(frozen=True)
class SlowSolution:
    """States at ``times`` (slow time τ): A (n, times), B (n, d, times); status "ok", or "run-away" with its time."""

    times: FloatArray
    A: FloatArray
    B: FloatArray
    weights: FloatArray
    status: str
    run_away_time: float | None
    message: str = ""

    @property
    def norm_ratio(self) -> FloatArray:
        """‖a‖/‖w‖ at ``times``."""
        squares = np.einsum("k,kt->t", self.weights, self.A**2)
        return np.asarray(np.sqrt(squares / np.einsum("k,kit->t", self.weights, self.B**2)))

    def transverse(self, i: int) -> FloatArray:
        """√⟨B_i²⟩, which is V_i = √Σ (w^(i))² of the network, at ``times``; i = 2 … d."""
        return np.asarray(np.sqrt(np.einsum("k,kt->t", self.weights, self.B[:, i - 1] ** 2)))

    def mean(self, values: FloatArray) -> FloatArray:
        """⟨values⟩ at ``times``, for values of shape (n, times)."""
        return np.asarray(self.weights @ values)


@lru_cache(maxsize=4)
def derived_flow(dim: int) -> SlowFlow:
    """The slow flow for aligned data of this dimension, derived once a process."""
    from theory import slow_flow

    return slow_flow(dim)


class MeanFieldDrift:
    """Compiled drift of a particle system written in means (brackets divided by the width).

    Call it with A (n,), B (n, d), weights (n,); it returns the rates of shape (n, 1 + d).
    """

    def __init__(self, system: ParticleSystem, parameters: Mapping[str, float]) -> None:
        import sympy as sp

        from theory.brackets import lower
        from theory.codegen import numpy_expression
        from theory.symbols import width

        numbered = sp.numbered_symbols("mean", real=True)
        named, table = lower(sp.Tuple(*system.drift), lambda _: next(numbered))
        self.dim = system.neuron.dim
        plain = {c: sp.Symbol(c.slot, real=True) for c in system.neuron.coordinates}
        own = list(plain.values())
        named = named.xreplace(plain)
        free = sorted(named.free_symbols - set(own) - set(table) - {width}, key=str)
        inner = set().union(*(b.free_symbols for b in table.values())) if table else set()
        if inner:
            raise InputError("The bodies of the means must hold coordinates of neurons alone.")
        missing = [s.name for s in free if s.name not in parameters]
        if missing:
            raise InputError(f"The slow flow needs a value of {missing[0]}.")
        self._values = [float(parameters[s.name]) for s in free]
        bodies = [bracket.open(system.neuron)[0].xreplace(plain) for bracket in table.values()]
        # Brackets are handed over as means, that is with m = 1.
        rates = [component.subs(width, 1) for component in named]
        self._bodies: Callable[..., tuple[Any, ...]] = (
            numpy_expression(bodies, own, "bodies") if bodies else lambda *_: ()
        )
        self._rates: Callable[..., tuple[Any, ...]] = numpy_expression(rates, [*own, *table, *free], "rates")

    def __call__(self, A: FloatArray, B: FloatArray, weights: FloatArray) -> FloatArray:
        own = [A, *B.T]
        means = [float(weights @ body) for body in self._bodies(*own)]
        rates = self._rates(*own, *means, *self._values)
        return np.stack([np.broadcast_to(rate, A.shape) for rate in rates], axis=1)


def moment_values(data: Any, c3: float) -> dict[str, float]:
    """Values of c₃, F… and M… of the derived slow flow for a `numerics.dataset.Dataset`."""
    x, y, weights = data.x, data.y, data.weights
    dim = x.shape[1]
    values = {"c3": float(c3)}
    for total, letter in ((3, "F"), (4, "M")):
        for powers in _exponents(dim, total):
            monomial = np.prod(x ** np.array(powers), axis=1) * (y if letter == "F" else 1.0)
            values[letter + "_".join(map(str, powers))] = math.fsum(weights * monomial)
    return values


def _exponents(dim: int, total: int) -> list[tuple[int, ...]]:
    if dim == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in _exponents(dim - 1, total - first)]


def slow_rate(values: Mapping[str, float], dim: int = 1) -> float:
    """κ for these moments, from the derived expression."""
    from theory.codegen import numpy_expression

    kappa = derived_flow(dim).kappa
    symbols: Sequence[sp.Symbol] = sorted(kappa.free_symbols, key=str)
    return float(numpy_expression([kappa], symbols, "kappa")(*(values[s.name] for s in symbols))[0])


def solve_slow_flow(
    start: Profile,
    times: Sequence[float],
    values: Mapping[str, float],
    *,
    system: ParticleSystem | None = None,
    rtol: float = 1e-10,
) -> SlowSolution:
    """Integrate the slow flow to the last of ``times`` (increasing, slow time τ), or until a neuron runs away.

    Parameters
    ----------
    start:
        Neurons and weights.
    values:
        c3, F…, M… as `moment_values` gives them.
    system:
        The drift, in means; by default the derived one.

    Raises
    ------
    InputError
        Bad times, or a parameter without a value.
    """
    wanted = np.asarray(times, dtype=float)
    if wanted.ndim != 1 or not len(wanted) or not np.all(np.isfinite(wanted)) or np.any(np.diff(wanted) < 0):
        raise InputError("The times of the slow flow must be finite and increasing.")
    if wanted[0] < 0:
        raise InputError("The slow flow starts at τ = 0; a negative time was asked for.")
    dim = start.B.shape[1]
    drift = MeanFieldDrift(derived_flow(dim).closed if system is None else system, values)
    count = len(start.A)

    def field(_: float, flat: FloatArray) -> FloatArray:
        state = flat.reshape(count, 1 + dim)
        return drift(state[:, 0], state[:, 1:], start.weights).ravel()

    level = _level(start)
    first = np.column_stack([start.A, start.B]).ravel()
    end = max(float(wanted[-1]), 1e-300)
    with np.errstate(over="ignore", invalid="ignore"):
        found = solve_ivp(
            field,
            (0.0, end),
            first,
            method="DOP853",
            t_eval=wanted,
            rtol=rtol,
            atol=rtol,
            events=_ahead(level, 1 + dim),
        )
    states = np.asarray(found.y).reshape(count, 1 + dim, len(found.t))
    status, time, message = ("ok", None, "") if found.status == 0 else ("failed", None, str(found.message))
    if found.status == 1:
        state = found.y_events[0][0].reshape(count, 1 + dim)
        status, time = "run-away", float(found.t_events[0][0]) + _rest(state, start.weights, drift)
        message = f"A neuron runs away; its weights are infinite at τ = {time:.6g}."
    return SlowSolution(found.t, states[:, 0], states[:, 1:], start.weights, status, time, message)


def _level(start: Profile) -> float:
    """‖B‖² from which a neuron counts as running away.

    Its own share μ of Λ grows like μ‖B‖⁴ and is frozen in what is left of the time: that may begin only where μ‖B‖²
    is large, or τ* would be too early by a multiple of μ log(1/μ). A share below 10⁻⁸ cannot be seen in τ*.
    """
    squares = np.sum(start.B**2, axis=1)
    share = float(start.weights[int(np.argmax(squares))])
    return max(RUN_AWAY * float(np.max(squares)), 1e5 / share if share > 1e-8 else 0.0)


def _ahead(level: float, columns: int) -> Callable[[float, FloatArray], float]:
    def event(_: float, flat: FloatArray) -> float:
        return float(np.max(np.sum(flat.reshape(-1, columns)[:, 1:] ** 2, axis=1))) - level

    event.terminal = True  # type: ignore[attr-defined]
    return event


def _rest(state: FloatArray, weights: FloatArray, drift: MeanFieldDrift) -> float:
    """Time that the largest neuron still needs, with the multiplier frozen.

    d = 1: the quadrature that theory derives. Above, 1/|B|² goes to 0 at a constant rate, as for a cubic push alone.
    """
    A, B = state[:, 0], state[:, 1:]
    rates = drift(A, B, weights)
    k = int(np.argmax(np.sum(B**2, axis=1)))
    square = float(B[k] @ B[k])
    if B.shape[1] > 1:
        return square / (2 * float(B[k] @ rates[k, 1:]))
    # dA = ΛB − κB³ and dB = ΛA − 3κAB² at this neuron give both numbers.
    from_a, from_w = float(rates[k, 0] / B[k, 0]), float(rates[k, 1] / A[k])
    kappa = (from_a - from_w) / (2 * square)
    return frozen_run_away_time(float(B[k, 0]), kappa, from_a + kappa * square, ratio=float(A[k] / B[k, 0]))


@lru_cache(maxsize=1)
def _frozen_code() -> Callable[..., tuple[Any, ...]]:
    from theory import frozen_neuron
    from theory.codegen import numpy_expression

    neuron = frozen_neuron(derived_flow(1))
    return numpy_expression([neuron.integrand], [neuron.u, neuron.mu, neuron.ratio], "frozen_neuron")


def frozen_run_away_time(B: float, kappa: float, multiplier: float, ratio: float = 1.0) -> float:
    """τ* of one neuron that starts at B, A = ratio · B, under a frozen multiplier Λ, κ < 0 (d = 1).

    With Λ = 2 k₄ κ it is the estimate from the start of the plateau for the largest |ξ| = B.

    Raises
    ------
    InputError
        If the neuron does not run away: κ ≥ 0, or Λ/(κB²) ≥ 3.
    """
    if not (math.isfinite(B) and math.isfinite(multiplier) and kappa < 0 < ratio):
        raise InputError(
            f"A neuron runs away for κ < 0 and A B > 0 only; here κ = {kappa:g}, A/B = {ratio:g}."
        )
    mu = multiplier / (kappa * B * B) if B else math.inf
    if not mu < 3:
        raise InputError(f"A neuron with Λ/(κB²) = {mu:g} does not run away; that takes less than 3.")
    integrand = _frozen_code()
    value, _ = quad(
        lambda u: float(integrand(u, mu, ratio)[0]), 0.0, 1.0, epsabs=0.0, epsrel=1e-11, limit=200
    )
    return float(value) / (-kappa * B * B)


def run_away_time(
    initial: FloatArray, values: Mapping[str, float], *, until: float | None = None
) -> float | None:
    """τ* of a draw of initial weights (m, 1 + d): the slow flow of all its neurons until the largest one runs away.

    Parameters
    ----------
    until:
        Slow time at which to give up; by default, for d = 1 and κ < 0, well beyond the estimate with frozen Λ.

    Returns
    -------
    τ*, or None where no neuron runs away before ``until`` (for d = 1 and κ ≥ 0: ever).
    """
    start = profile_of_draw(initial)
    if until is None:
        if start.B.shape[1] > 1:
            raise InputError("Above dimension 1 a slow time has to be given at which to give up.")
        kappa = slow_rate(values)
        if kappa >= 0:
            return None
        largest = float(np.max(start.B**2))
        until = 4.0 / (-kappa * largest)
    return solve_slow_flow(start, [until], values).run_away_time
