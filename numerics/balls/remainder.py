"""Proved constants of Taylor remainders: |σ^(ν)(u) − (Taylor polynomial)^(ν)(u)| ≤ L |u|^(p−ν).

With order 1 these are the constants of Assumption 3 of the multi-stage paper, |δ(u)| ≤ L|u|³ and |δ'(u)| ≤ L u². The
constant holds for |u| ≤ r or for all real u; it is an exact rational number, or a given exact constant such as π/4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import arb

from numerics.balls.quotient import BallFunction, Quotient
from numerics.balls.subdivision import Decision, Status
from numerics.balls.supremum import enclose, lower_end, prove_at_most, rounded_up, upper_end
from numerics.errors import InputError
from numerics.precision import working_precision

if TYPE_CHECKING:
    import sympy as sp

    from theory import SmoothActivation

BITS = 128
BUDGET = 20_000
TOLERANCE = Fraction(1, 10**6)


@dataclass(frozen=True)
class RemainderBound:
    """A bound of a Taylor remainder, or why there is none.

    Attributes
    ----------
    order:
        K, the degree of the Taylor polynomial of σ.
    derivative:
        ν: the bound is for the ν-th derivative of σ − T_K.
    power:
        The power of |u| in the bound, p − ν, where c_p is the next coefficient that is not zero.
    constant:
        L, an exact rational upper bound of sup |·|/|u|^power; None if none was proved.
    at_least:
        Proved lower bound of the same supremum.
    radius:
        The bound holds for |u| ≤ radius; None: for all real u.
    proved:
        Whether ``constant`` is proved.
    sharp:
        Whether ``constant`` is proved to be the supremum itself (then it is the limit at 0).
    boxes:
        Number of intervals that were examined.
    reason:
        What was not reached, in words; may be empty.
    """

    order: int
    derivative: int
    power: int
    constant: Fraction | None
    at_least: Fraction
    radius: Fraction | None
    proved: bool
    sharp: bool
    boxes: int
    reason: str = ""


def remainder_bound(
    activation: SmoothActivation,
    order: int,
    *,
    derivative: int = 0,
    radius: Fraction | int | None = None,
    tolerance: Fraction = TOLERANCE,
    budget: int = BUDGET,
    bits: int = BITS,
) -> RemainderBound:
    """Find and prove the constant of a Taylor remainder.

    Parameters
    ----------
    activation:
        From ``theory.admit``.
    order:
        K ≥ 1.
    derivative:
        ν = 0 for the remainder itself, 1 for its derivative, …; at most the next power.
    radius:
        Exact r > 0; None for all real u.
    tolerance:
        Relative excess over the supremum that is accepted.
    budget:
        Most intervals to examine.
    bits:
        Working precision.

    Raises
    ------
    InputError
        For an order, derivative, radius, budget or precision that makes no sense.
    TheoryError
        If there is no ball arithmetic for the activation.
    """
    from theory.codegen import ball_expression

    reach = _radius(radius)
    _check(order, derivative, budget)
    next_power = activation.next_power(order)
    if next_power is None:
        return _of_polynomial(activation, order, derivative, reach)
    power = next_power - derivative
    if power < 0:
        raise InputError(
            f"The remainder of order {order} begins with u^{next_power}; its derivative of order {derivative} "
            "does not vanish at 0, so that no power of u bounds it."
        )
    with working_precision(bits):
        sides = _sides(activation, order, derivative, power)
        exact = _limit(activation, next_power, derivative)
        (limit,) = ball_expression([exact], [], "limit")()
        # Often the quotient is largest at 0: that is proved with few intervals, and exactly.
        touched = prove_at_most(sides, limit, reach, budget, touches=True)
        if touched.status is Status.PROVED:
            if exact.is_Rational:
                least = constant = Fraction(int(exact.p), int(exact.q))
            else:
                least, constant = lower_end(limit), rounded_up(upper_end(limit))
            return RemainderBound(
                order, derivative, power, constant, least, reach, True, least == constant, touched.boxes
            )
        found = enclose(sides, reach, max(budget - touched.boxes, 0), tolerance)
    return RemainderBound(
        order,
        derivative,
        power,
        found.high,
        found.low,
        reach,
        found.high is not None,
        False,
        touched.boxes + found.boxes,
        found.reason,
    )


def prove_remainder(
    activation: SmoothActivation,
    order: int,
    constant: sp.Expr,
    power: int,
    *,
    derivative: int = 0,
    radius: Fraction | int | None = None,
    budget: int = BUDGET,
    bits: int = BITS,
) -> Decision:
    """Prove or refute |σ^(ν)(u) − T_K^(ν)(u)| ≤ constant · |u|^power for all |u| ≤ radius (None: all real u).

    ``constant`` is an exact SymPy number, such as ``Rational(1, 2)`` or ``pi/4``; it may be the limit of the quotient
    at 0 exactly. REFUTED names an exact point u. Arguments and errors otherwise as :func:`remainder_bound`.
    """
    from theory.codegen import ball_expression

    reach = _radius(radius)
    _check(order, derivative, budget)
    if power < 0:
        raise InputError(f"The power of |u| in a remainder bound is at least 0, not {power}.")
    if activation.next_power(order) is None and _is_its_polynomial(activation, order):
        return Decision(Status.PROVED, 0, "the remainder is zero identically", about_something=True)
    touches = _is_limit(activation, constant, power, derivative)
    with working_precision(bits):
        (ball,) = ball_expression([constant], [], "constant")()
        return prove_at_most(
            _sides(activation, order, derivative, power), ball, reach, budget, touches=touches
        )


def _sides(activation: SmoothActivation, order: int, derivative: int, power: int) -> Sequence[Quotient]:
    """The quotient for u > 0 and, unless the activation is odd, for u < 0."""
    from theory.activation_class import argument
    from theory.codegen import ball_expression

    expression = activation.expression.diff(argument, derivative)
    generated = ball_expression([expression], [argument], "activation")

    def value(u: Any) -> Any:
        return generated(u)[0]

    def coefficients(n: int) -> tuple[arb, ...]:
        listed = activation.coefficients(n + derivative)
        shifted = [c * _falling(k + derivative, derivative) for k, c in enumerate(listed[derivative:])]
        return tuple(ball_expression(shifted, [], "coefficients")())

    function = BallFunction(value, coefficients)
    signs = (1,) if activation.odd else (1, -1)
    return [Quotient(function, order - derivative, power, side) for side in signs]


def _falling(k: int, n: int) -> int:
    product = 1
    for i in range(n):
        product *= k - i
    return product


def _limit(activation: SmoothActivation, power: int, derivative: int) -> sp.Expr:
    """Exact limit of the quotient's absolute value at 0; ``power`` is the power in σ itself."""
    c = activation.coefficients(power)[power]
    return abs(c * _falling(power, derivative))


def _is_limit(activation: SmoothActivation, constant: sp.Expr, power: int, derivative: int) -> bool:
    from theory.constant import sign_of

    c = activation.coefficients(power + derivative)[-1] * _falling(power + derivative, derivative)
    return 0 in (sign_of(c - constant), sign_of(c + constant))


def _is_its_polynomial(activation: SmoothActivation, order: int) -> bool:
    from theory.activation_class import argument

    expression = activation.expression
    return bool(expression.is_polynomial(argument)) and int(expression.as_poly(argument).degree()) <= order


def _of_polynomial(
    activation: SmoothActivation, order: int, derivative: int, radius: Fraction | None
) -> RemainderBound:
    proved = _is_its_polynomial(activation, order)
    reason = "" if proved else "no coefficient beyond the order was found that is not zero"
    power = max(order + 1 - derivative, 0)
    zero = Fraction(0)
    return RemainderBound(
        order, derivative, power, zero if proved else None, zero, radius, proved, proved, 0, reason
    )


def _radius(radius: Fraction | int | None) -> Fraction | None:
    if radius is None:
        return None
    if isinstance(radius, bool) or not isinstance(radius, (Fraction, int)) or radius <= 0:
        raise InputError(
            f"The radius must be an exact positive number (int or Fraction) or None, not {radius!r}."
        )
    return Fraction(radius)


def _check(order: int, derivative: int, budget: int) -> None:
    if order < 1 or derivative < 0:
        raise InputError(
            f"A Taylor remainder needs order ≥ 1 and derivative ≥ 0, not {order} and {derivative}."
        )
    if budget < 0:
        raise InputError(f"The budget must be at least 0, not {budget}.")
