"""Gradient flows to many digits: spectral collocation, corrected in double precision.

On a step the integral equation y(t) = y₀ + ∫F(y) is collocated at Chebyshev–Lobatto nodes. A double-precision solution,
correct to rounding, is the first guess. Each sweep evaluates the defect in multiple precision, scales it to the size of
one, solves the linearised equation (I − hQJ)δ = defect in double precision by GMRES, and adds δ in multiple precision:
about fifteen digits a sweep. Steps are as long as the decay of the Chebyshev coefficients allows.

Accurate, not rigorous: radii are dropped. The error has to be estimated by a second, different discretisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from flint import arb, arb_mat
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import LinearOperator, gmres

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.integrate.spectral import Nodes, lobatto, to_double
from numerics.precision import working_precision

MOST_SWEEPS_EXTRA = 4
SHORTEST = 2.0**-20
DIGITS_OF_GUESS = 16.0
DIGITS_A_SWEEP = 11.0  # at least; usually as many as the next
_USUAL_GAIN = 15.5
DIVERGED_AT = 1e8
_SATURATED = 5.0  # digits beyond those asked for, from which on the last coefficients are rounding
_SPARE = 3.5  # digits that the nodes should hold beyond those asked for
_BAND = 4
_DOUBTED = 2.0  # digits by which the last correction may gain less than those before


class Field(Protocol):
    """An autonomous vector field in both arithmetics; states are flat."""

    @property
    def size(self) -> int: ...
    def drift(self, flat: Sequence[arb]) -> list[arb]: ...
    def drift_double(self, flat: FloatArray) -> FloatArray: ...
    def linearised(self, states: FloatArray) -> Callable[[FloatArray], FloatArray]: ...


@dataclass(frozen=True)
class Step:
    """One step: its start and length (exact dyadic), and the states at the nodes, shape (nodes, size)."""

    start: float
    length: float
    values: arb_mat


@dataclass
class PreciseSolution:
    """Steps from 0 to ``end``; ``status``: ok, diverged or interrupted, with the reason in ``message``."""

    digits: int
    bits: int
    nodes: Nodes
    steps: list[Step] = field(default_factory=list)
    status: str = "ok"
    message: str = ""
    sweeps: int = 0

    @property
    def end(self) -> float:
        return self.steps[-1].start + self.steps[-1].length if self.steps else 0.0

    def state(self, time: float | arb) -> list[arb]:
        """The flat state at a time in [0, end]. InputError outside."""
        place = float(time)
        if not self.steps or not 0 <= place <= self.end:
            raise InputError(
                f"The time {place:g} is outside of the solution, which runs from 0 to {self.end:g}."
            )
        step = next(s for s in self.steps if place <= s.start + s.length)
        with working_precision(self.bits):
            inside = (arb(time) - arb(step.start)) / arb(step.length)
            return [entry.mid() for entry in (self.nodes.row_at(inside.mid()) * step.values).entries()]


def collocate(
    field_: Field,
    start: Sequence[arb],
    until: float,
    digits: int,
    *,
    extra_nodes: int = 0,
    longest: float = 4.0,
    progress: Callable[[float], None] | None = None,
) -> PreciseSolution:
    """Integrate from ``start`` at time 0 to ``until`` with about ``digits`` digits relative to the size of the state.

    ``extra_nodes`` and ``longest`` change the discretisation, for an independent second run. InputError for digits
    outside 15 … 400 or a horizon that is not positive and finite.
    """
    check_digits(digits)
    if not (math.isfinite(until) and until > 0):
        raise InputError(f"The final time is {until}; it must be positive and finite.")
    if len(start) != field_.size or not all(entry.is_finite() for entry in start):
        raise InputError(f"The initial state must have {field_.size} finite entries.")
    bits = math.ceil((digits + 8) * math.log2(10)) + 32
    count = math.ceil(1.8 * digits) + 12 + extra_nodes
    nodes = lobatto(count, bits)
    found = PreciseSolution(digits, bits, nodes)
    state, time, length = [entry.mid() for entry in start], 0.0, min(longest, until)
    with working_precision(bits):
        try:
            while time < until:
                length, last = _even(length, until - time)
                length = until - time if last else _dyadic(length)
                attempt = _step(field_, state, length, nodes, digits, found)
                if attempt is None or attempt.values is None:
                    # What the nodes were found to hold says how much shorter the step must be.
                    held = 0.0 if attempt is None else attempt.held
                    length *= min(0.9, _fitting(held, digits + _SPARE, count))
                    if length < SHORTEST:
                        found.status = "diverged"
                        found.message = f"The steps became too short at t = {time:g}."
                        return found
                    continue
                found.steps.append(Step(time, length, attempt.values))
                time = until if last else time + length
                final = count - 1
                state = [attempt.values[final, j] for j in range(field_.size)]
                if max(abs(float(entry)) for entry in state) > DIVERGED_AT:
                    found.status, found.message = (
                        "diverged",
                        f"The weights passed {DIVERGED_AT:g} at t = {time:g}.",
                    )
                    return found
                if progress is not None:
                    progress(time)
                length = min(longest, length * _fitting(attempt.held, digits + _SPARE, count))
        except KeyboardInterrupt:
            found.status, found.message = "interrupted", f"Interrupted at t = {time:g}."
            return found
    found.message = f"Reached t = {time:g}."
    return found


def check_digits(digits: int) -> int:
    """``digits`` as it is. InputError unless it is a whole number from 15 to 400."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 15 <= digits <= 400:
        raise InputError(f"The number of digits is {digits!r}; it must be a whole number from 15 to 400.")
    return digits


def _dyadic(length: float) -> float:
    """The length cut to 24 bits, so that times stay exact floats."""
    scale = 2.0 ** (24 - math.frexp(length)[1])
    return math.floor(length * scale) / scale


def _even(length: float, remaining: float) -> tuple[float, bool]:
    """The length, cut so that the last two steps are equal; whether this is the last."""
    count = math.ceil(remaining / length - 1e-9)
    return (length if count > 2 else remaining / max(count, 1)), count <= 1


def _fitting(held: float, wanted: float, count: int) -> float:
    """The factor by which a step that held so many digits should change to hold those wanted; from 0.5 to 1.6.

    A solution that is analytic up to a distance r from the real axis gains log ρ = asinh(2r/h) with each node.
    """
    if not held > 0:
        return 0.5
    now, then = (math.sinh(min(digits * math.log(10) / count, 20.0)) for digits in (held, wanted))
    return min(1.6, max(0.5, 0.97 * now / then))


@dataclass(frozen=True)
class _Attempt:
    """Values at the nodes, None where the step was too long; the digits that the nodes hold on it."""

    values: arb_mat | None
    held: float


def _step(
    field_: Field, state: list[arb], length: float, nodes: Nodes, digits: int, found: PreciseSolution
) -> _Attempt | None:
    """One step; None where nothing is known of it but that it fails."""
    guess = _double_guess(field_, state, length, nodes)
    if guess is None:
        return None
    predicted = _predicted_digits(guess, nodes)
    if predicted < digits + 1:
        return _Attempt(None, predicted)
    guess = _polished(field_, guess, state, length, nodes)
    values = arb_mat(nodes.count, field_.size, [arb(v) for v in guess.ravel().tolist()])
    correct = _corrector(field_, guess, length, nodes)
    size = float(np.max(np.abs(guess)))
    goal = math.log10(size) - digits - 4
    allowed = math.ceil((digits + 4) / DIGITS_A_SWEEP) + MOST_SWEEPS_EXTRA
    expected, before, gained = DIGITS_OF_GUESS, math.inf, _USUAL_GAIN
    gains: list[float] = []
    for _ in range(allowed):
        # A defect that only has to carry the next correction needs no more digits than that correction will leave.
        wanted = math.ceil(min(expected + gained + 3, digits + 7) * math.log2(10))
        with working_precision(min(found.bits, wanted)):
            defect = _defect(field_, values, state, length, nodes)
        worst = _log10_largest(defect)
        found.sweeps += 1
        if worst is None:
            return None
        if math.isfinite(before):
            gains.append(before - worst)
            gained = max(gained, gains[-1])
        before = worst
        done = worst <= goal
        if not done:
            delta = correct(defect, worst)
            if delta is None:
                return None
            values = _added(values, delta)
            # The operator is the same for all sweeps, and so is what each gains: once it was seen twice, a last
            # evaluation that would only confirm the goal is left out.
            done = len(gains) >= 2 and worst - (min(gains) - _DOUBTED) <= goal
        if done:
            held = _held(values, nodes, math.log10(size), digits + _SATURATED)
            return _Attempt(values if held >= digits + 2 else None, held)
        expected = math.log10(size) - worst + gained
    return None


def _double_guess(field_: Field, state: list[arb], length: float, nodes: Nodes) -> FloatArray | None:
    begin = np.array([float(entry) for entry in state])
    scale = float(np.max(np.abs(begin)))
    solved = solve_ivp(
        lambda _, y: field_.drift_double(y),
        (0.0, length),
        begin,
        method="DOP853",
        t_eval=nodes.points_double * length,
        rtol=1e-12,
        atol=1e-13 * max(scale, 1e-300),
    )
    if not solved.success or not np.all(np.isfinite(solved.y)):
        return None
    return np.ascontiguousarray(solved.y.T)


def _polished(field_: Field, guess: FloatArray, state: list[arb], length: float, nodes: Nodes) -> FloatArray:
    """The guess corrected by the same equation in double precision, to rounding: the better it is, the more each
    sweep gains, because its Jacobian is that of the guess."""
    begin = np.array([float(entry) for entry in state])
    matrix = nodes.integration_double * length
    best, least = guess, math.inf
    for _ in range(3):
        rates = np.array([field_.drift_double(y) for y in guess])
        defect = begin + matrix @ rates - guess
        worst = float(np.max(np.abs(defect)))
        if not worst < 0.5 * least:
            break
        best, least = guess, worst
        if worst <= 4e-16 * float(np.max(np.abs(guess))):
            break
        guess = guess + _solved(field_, guess, matrix, defect, 1e-6)
    return best


def _solved(
    field_: Field, guess: FloatArray, matrix: FloatArray, defect: FloatArray, rtol: float
) -> FloatArray:
    """δ with (I − matrix J) δ = defect, J the Jacobian at the guess; all of the shape of the guess."""
    operator = _operator(field_, guess, matrix)
    found, _ = gmres(operator, defect.ravel(), rtol=rtol, atol=0.0, restart=80, maxiter=1)
    return np.asarray(found.reshape(guess.shape))


def _predicted_digits(guess: FloatArray, nodes: Nodes) -> float:
    """Digits that the nodes can hold, extrapolated from the decay of the coefficients that double precision sees."""
    spectrum = np.max(np.abs(to_double(nodes.coefficients) @ guess), axis=1)
    spectrum = spectrum / spectrum.max()
    seen = np.flatnonzero(spectrum > 1e-9)
    last = int(seen[-1]) if len(seen) else 0
    if last < 4:
        return math.inf
    envelope = np.maximum.accumulate(spectrum[: last + 1][::-1])[::-1]
    first = last // 3
    slope = (math.log10(envelope[first]) - math.log10(envelope[last])) / (last - first)
    return -math.log10(envelope[last]) + slope * (nodes.count - 1 - last)


def _defect(field_: Field, values: arb_mat, state: list[arb], length: float, nodes: Nodes) -> arb_mat:
    """y₀ + h Q F(y) − y at every node."""
    size = field_.size
    flat = values.entries()
    rates: list[arb] = []
    for i in range(nodes.count):
        rates += field_.drift(flat[i * size : (i + 1) * size])
    moved = nodes.integration * arb_mat(nodes.count, size, rates) * arb(length)
    entries = [
        (start + shift - value).mid()
        for start, shift, value in zip(state * nodes.count, moved.entries(), flat, strict=True)
    ]
    return arb_mat(nodes.count, size, entries)


def _log10_largest(matrix: arb_mat) -> float | None:
    largest = max((abs(entry) for entry in matrix.entries()), key=lambda ball: ball.mid())
    if not all(entry.is_finite() for entry in matrix.entries()):
        return None
    return -math.inf if largest == 0 else float(largest.log()) / math.log(10)


def _corrector(
    field_: Field, guess: FloatArray, length: float, nodes: Nodes
) -> Callable[[arb_mat, float], tuple[FloatArray, int] | None]:
    """Solve (I − hQJ) δ = defect in double precision; the result is (δ scaled, binary exponent of the scale)."""
    operator = _operator(field_, guess, nodes.integration_double * length)

    def correct(defect: arb_mat, log10_size: float) -> tuple[FloatArray, int] | None:
        exponent = math.floor(log10_size * math.log2(10))
        scale = arb(2) ** (-exponent)
        right = np.array([float(entry * scale) for entry in defect.entries()])
        solution, _ = gmres(operator, right, rtol=1e-15, atol=0.0, restart=80, maxiter=1)
        if not np.all(np.isfinite(solution)):
            return None
        # A correction that is not quite converged still gains digits; the next sweep sees what is left.
        return solution, exponent

    return correct


def _operator(field_: Field, guess: FloatArray, matrix: FloatArray) -> LinearOperator:
    """δ ↦ δ − matrix J δ, flat."""
    jacobian = field_.linearised(guess)
    shape = guess.shape

    def forward(vector: FloatArray) -> FloatArray:
        v = vector.reshape(shape)
        return np.asarray((v - matrix @ jacobian(v)).ravel())

    return LinearOperator((guess.size, guess.size), matvec=forward, dtype=float)


def _added(values: arb_mat, delta: tuple[FloatArray, int]) -> arb_mat:
    solution, exponent = delta
    scale = arb(2) ** exponent
    entries = [
        (value + arb(float(change)) * scale).mid()
        for value, change in zip(values.entries(), solution, strict=True)
    ]
    return arb_mat(values.nrows(), values.ncols(), entries)


def _held(values: arb_mat, nodes: Nodes, log10_size: float, most: float) -> float:
    """Digits that the nodes hold: those by which the last Chebyshev coefficients are below the size of the solution.

    Where that is more than ``most``, they are followed from the middle of the spectrum on.
    """
    last = nodes.count - _BAND
    held = log10_size - _band(values, nodes, last)
    if held < most:
        return held
    at_half, at_three_quarters = (log10_size - _band(values, nodes, last * i // 4) for i in (2, 3))
    return max(most, 2 * at_three_quarters - at_half)


def _band(values: arb_mat, nodes: Nodes, first: int) -> float:
    """log10 of the largest of a few Chebyshev coefficients of all components."""
    rows = arb_mat(
        _BAND,
        nodes.count,
        [nodes.coefficients[first + i, j] for i in range(_BAND) for j in range(nodes.count)],
    )
    worst = _log10_largest(rows * values)
    return math.inf if worst is None else worst
