"""Assumption 3 for concrete activations: |δ(u)| ≤ L|u|³ and |δ'(u)| ≤ Lu² for all real u, with its constant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import sympy as sp

import theory
from verify.checks import enclosure, enclosure_steps
from verify.checks.enclosure_steps import Steps, in_balls, step
from verify.claim import Check, Mutant
from verify.context import Context
from verify.evidence import JSON, Evidence, Verdict
from verify.papers.multistage.paper import paper
from verify.stating import implication, printed_from

if TYPE_CHECKING:
    from numerics.balls.subdivision import Decision

CONSTANTS: dict[str, sp.Expr] = {
    "tanh": sp.S.One,
    "erf": sp.pi / 4,
    "arctan": sp.S.One,
    "sin": sp.Rational(1, 2),
    "rational": sp.Rational(3, 2),
    "gd": sp.Rational(1, 2),
}
"""L of Assumption 3 for each built-in activation; the limit of |δ'(u)|/u² at 0, so that none is smaller."""

ORDERS = (1, 3, 5)
"""Orders of truncation whose remainders are bounded."""


EVEN_PART = sp.Rational(1, 1000)
"""Coefficient of the u² that a negative control adds to the activation."""


u = theory.activation_class.argument
_sigma = sp.Function("sigma", real=True)(u)
_slope = sp.Derivative(_sigma, u)
modulus = sp.Symbol("v", nonnegative=True)
"""|u|. (SymPy writes odd powers of |u| with u².)"""
SIGMA = {_slope: r"\sigma'(u)", _sigma: r"\sigma(u)", modulus: r"\left|u\right|"}

Compared = tuple[Any, Mapping[Any, Any], tuple[Any, ...]]


def stated(
    name: str, constant: sp.Expr, powers: tuple[int, int] = (3, 2), even: sp.Rational = sp.S.Zero
) -> Compared:
    """|δ| ≤ constant |u|^powers[0] and |δ'| ≤ constant |u|^powers[1], for σ + even · u²."""
    bounds = [constant * modulus**power for power in powers]
    relation = sp.And(
        sp.Le(sp.Abs(_sigma - u), bounds[0], evaluate=False),
        sp.Le(sp.Abs(_slope - 1), bounds[1], evaluate=False),
        evaluate=False,
    )
    return relation, {}, (sp.Eq(_sigma, theory.NAMED[name] + even * u**2, evaluate=False),)


def bound_of(side: sp.Expr) -> tuple[sp.Expr, int]:
    """L and p of L|u|^p. TypeError for another expression."""
    constant, rest = side.as_independent(modulus)
    base, power = rest.as_base_exp()
    if base != modulus or not power.is_Integer:
        raise TypeError(f"{side} is not a constant times a power of |u|")
    return constant, int(power)


def remainder_check(
    name: str, constant: sp.Expr, powers: tuple[int, int] = (3, 2), even: sp.Rational = sp.S.Zero
) -> Check:
    """|δ| ≤ constant |u|^powers[0] and |δ'| ≤ constant |u|^powers[1] for all real u, for σ + even · u²."""

    def compared() -> Compared:
        return stated(name, constant, powers, even)

    def prove(budget: int) -> Decision:
        from numerics.balls.remainder import prove_remainder
        from numerics.balls.subdivision import Decision, Status

        relation, _, (definition,) = compared()
        sides = {part.lhs: part.rhs for part in relation.args}
        boxes = 0
        activation = theory.admit(definition.rhs) if even == 0 else _outside_the_class(definition.rhs)
        for derivative, left in enumerate((sp.Abs(_sigma - u), sp.Abs(_slope - 1))):
            limit, power = bound_of(sides[left])
            found = prove_remainder(activation, 1, limit, power, derivative=derivative, budget=budget)
            boxes += found.boxes
            if found.status is not Status.PROVED:
                return found
        return Decision(Status.PROVED, boxes, about_something=True)

    return enclosure.proof(
        prove,
        of=f"the two inequalities for {name} with L = {constant}".replace("pi", "π"),
        told=lambda: [] if even else _told(name, constant, powers),
        compared=compared,
    )


def _told(name: str, constant: sp.Expr, powers: tuple[int, int]) -> Steps:
    activation = theory.admit(name)
    value, slope = (
        limit_at_zero(activation.coefficients(3), 1, 0)[1],
        limit_at_zero(activation.coefficients(3), 1, 1)[1],
    )
    L = sp.latex(constant)
    return [
        step(
            "What has to be shown: these two quotients stay below the constant for every $u > 0$; $\\sigma$ is odd, so "
            "that negative $u$ give the same.",
            rf"\frac{{|\sigma(u) - u|}}{{u^{powers[0]}}} \le {L}, \qquad "
            rf"\frac{{|\sigma'(u) - 1|}}{{u^{powers[1]}}} \le {L}",
        ),
        step(
            "Their limits at 0, from the exact Taylor coefficients of $\\sigma$.",
            rf"\lim_{{u \to 0}} \frac{{|\sigma(u) - u|}}{{u^3}} = |c_3| = {sp.latex(value)}, \qquad "
            rf"\lim_{{u \to 0}} \frac{{|\sigma'(u) - 1|}}{{u^2}} = 3\,|c_3| = {sp.latex(slope)}",
        ),
        *remainder_steps(),
    ]


def remainder_steps() -> Steps:
    """How a quotient of a Taylor remainder and a power is enclosed (`numerics.balls.quotient`)."""
    from numerics.balls.remainder import BITS

    return [
        step(
            "Near 0, on an interval $0 \\le u \\le h$, the power $u^p$ is divided out before anything is evaluated: "
            "$d_k$ are the exact coefficients of the function, $C$ a ball that holds its $N$-th derivative over $N!$ "
            "on the interval (Lagrange). Where the constant is the limit at 0 itself, the next term decides.",
            r"\Bigl|\sum_{p \le k < N} d_k\,u^{k-p} + C\,u^{N-p}\Bigr|",
        ),
        step(
            "From $h$ to some $R$ the interval is cut in two until the ball of the quotient over each part lies below "
            "the constant; beyond $R$ bounds on the growth of the function settle all the rest at once."
        ),
        step(f"All of it is evaluated {in_balls(BITS)}."),
    ]


def _outside_the_class(bent: sp.Expr) -> theory.SmoothActivation:
    """An activation that ``theory.admit`` refuses."""
    return theory.SmoothActivation(bent, bent, sp.S.One, False, True)


def statement(*changed: Any) -> str:
    """The statement of :func:`stated`."""
    return implication(SIGMA)(*stated(*changed))


def slope(name: str, u: Any) -> Any:
    """σ'(u) by mpmath in closed form: nothing of series, balls or generated code."""
    from mpmath import mp

    forms: dict[str, Callable[[], Any]] = {
        "tanh": lambda: mp.sech(u) ** 2,
        "erf": lambda: mp.exp(-mp.pi * u**2 / 4),
        "arctan": lambda: 1 / (1 + u**2),
        "sin": lambda: mp.cos(u),
        "rational": lambda: (1 + u**2) ** mp.mpf("-1.5"),
        "gd": lambda: mp.sech(u),
    }
    return forms[name]()


def witness(
    name: str, constant: sp.Expr, powers: tuple[int, int], even: sp.Rational = sp.S.Zero
) -> str | None:
    """A point at which |σ' − 1| exceeds the stated bound by more than any rounding."""
    from mpmath import mp

    with mp.workdps(50):
        stated = mp.mpf(sp.N(constant, 50)._mpf_)
        bend = 2 * mp.mpf(int(even.p)) / int(even.q)
        for k in range(1, 24):
            u = mp.mpf(1) / 2**k
            left, right = abs(slope(name, u) + bend * u - 1), stated * u ** powers[1]
            if left > right * (1 + mp.mpf(10) ** -30):
                return f"at u = 2^-{k}: |σ'(u) − 1| = {mp.nstr(left, 8)} > {mp.nstr(right, 8)}"
    return None


def _mutants(name: str, constant: sp.Expr) -> Sequence[Mutant]:
    listed = [
        ("constant-tenth-less", "constant 10 % smaller", constant * sp.Rational(9, 10), (3, 2)),
        ("constant-thousandth-less", "constant 0.1 % smaller", constant * sp.Rational(999, 1000), (3, 2)),
        ("constant-of-the-value", "constant of |δ| alone, for δ' too", constant / 3, (3, 2)),
        ("powers-raised", "both powers of u one higher", constant, (4, 3)),
    ]
    changed_constants = [
        Mutant(
            id,
            words,
            statement(name, changed, powers),
            remainder_check(name, changed, powers).run,
            partial(witness, name, changed, powers),
        )
        for id, words, changed, powers in listed
    ]
    with_even_part = Mutant(
        "even-part",
        f"{EVEN_PART} u² added to the activation",
        statement(name, constant, (3, 2), EVEN_PART),
        remainder_check(name, constant, even=EVEN_PART).run,
        partial(witness, name, constant, (3, 2), EVEN_PART),
    )
    return [*changed_constants, with_even_part]


for _name, _constant in CONSTANTS.items():
    _check = remainder_check(_name, _constant)
    paper.checked(
        f"asm3.{_name}",
        _check,
        title=f"Assumption 3 holds for {_name}, with its smallest constant",
        where="Section 3.2, Assumption 3",
        statement=printed_from(_check, SIGMA),
        hypotheses=("all real $u$",),
        basis="derived",
        mutants=partial(_mutants, _name, _constant),
    )


K, nu = sp.symbols("K nu", nonnegative=True, integer=True)
_c = sp.Function("c", real=True)
_rest = sp.Symbol("delta", real=True)
REMAINDER = {_rest: r"\delta_K^{(\nu)}(u)", _c(K + 2): "c_{K+2}", modulus: r"\left|u\right|"}


def orders_stated(factor: sp.Rational) -> Compared:
    """|δ_K^(ν)(u)| ≤ factor |c_{K+2}| (K+2)!/(K+2−ν)! |u|^{K+2−ν}."""
    limit = sp.Abs(_c(K + 2)) * sp.factorial(K + 2) / sp.factorial(K + 2 - nu)
    relation = sp.Le(sp.Abs(_rest), factor * limit * modulus ** (K + 2 - nu), evaluate=False)
    return relation, {K: sp.FiniteSet(*ORDERS), nu: sp.FiniteSet(0, 1)}, ()


def orders_check(factor: sp.Rational) -> Check:
    """Every remainder of the orders above is bounded by factor · (its limit at 0), for all real u."""

    def run(context: Context) -> Evidence:
        from numerics.balls.remainder import prove_remainder
        from numerics.balls.subdivision import Status

        relation, over, _ = orders_stated(factor)
        budget = enclosure.BUDGET[context.effort]
        rows: list[list[str | int]] = []
        for name in CONSTANTS:
            activation = theory.admit(name)
            for order, derivative in product(map(int, over[K]), map(int, over[nu])):
                coefficient = activation.coefficients(order + 2)[order + 2]
                here = relation.rhs.subs({K: order, nu: derivative}).subs(_c(order + 2), coefficient)
                limit, power = bound_of(here)
                context.progress(f"{name}, order {order}")
                found = prove_remainder(activation, order, limit, power, derivative=derivative, budget=budget)
                if found.status is not Status.PROVED:
                    of = f"{name}, order {order}, derivative {derivative}, constant {limit}"
                    return enclosure.evidence(found, of, ["u"])
                rows.append([name, order, derivative, power, str(limit), found.boxes])
        columns = ["activation", "order", "derivative", "power of |u|", "constant", "boxes"]
        detail = f"{len(rows)} bounds, each for all real u, and each equal to the limit at 0."
        table: JSON = {"columns": columns, "rows": rows}
        boxes = sum(int(row[-1]) for row in rows)
        told = [*_orders_told(factor), enclosure_steps.settled(boxes)]
        return Evidence(Verdict.PROVED, "enclosure", detail, {"table": table, "derivation": told})

    return Check("enclosure", run, partial(orders_stated, factor))


def limit_at_zero(coefficients: Sequence[sp.Expr], order: int, derivative: int) -> tuple[int, sp.Expr]:
    """The power that is left and |c_{K+2}| (K+2)!/(K+2−ν)! for an odd activation and odd K."""
    full = order + 2
    return full - derivative, abs(coefficients[full] * sp.ff(full, derivative))


def _orders_told(factor: sp.Rational) -> Steps:
    shown = "" if factor == 1 else sp.latex(factor) + r"\,"
    return [
        step(
            "What has to be shown, for each activation, each order $K$ and $\\nu = 0, 1$: this quotient stays below "
            "its limit at 0 for every $u > 0$; all the activations are odd, so that negative $u$ give the same.",
            r"\frac{|\delta_K^{(\nu)}(u)|}{u^{K+2-\nu}} \le "
            + shown
            + r"|c_{K+2}|\,\frac{(K+2)!}{(K+2-\nu)!}",
        ),
        step("The constants: exact Taylor coefficients of each activation; the table has them."),
        *remainder_steps(),
    ]


def _orders_witness(factor: sp.Rational) -> str | None:
    """tanh, order 1, first derivative, by mpmath at one point."""
    return witness("tanh", factor, (3, 2))


def _orders_mutants() -> Sequence[Mutant]:
    return [
        Mutant(
            f"factor-{f.p}-{f.q}",
            f"all constants times {f}",
            implication(REMAINDER)(*orders_stated(f)),
            orders_check(f).run,
            partial(_orders_witness, f),
        )
        for f in (sp.Rational(9, 10), sp.Rational(1, 2), sp.Rational(999, 1000))
    ]


_orders = orders_check(sp.S.One)
paper.checked(
    "asm3.orders",
    _orders,
    title="Remainders of higher truncations, with their smallest constants",
    where="Section 3.2, “come from Taylor's expansion”",
    statement=printed_from(_orders, REMAINDER),
    hypotheses=(
        r"all real $u$; $\delta_K$ is what $\sigma$ is beyond its Taylor polynomial of degree $K$ at 0, $c_n$ its "
        "coefficients",
        "tanh, erf (slope 1), arctan, sin, u/√(1+u²), Gudermannian",
    ),
    uses=("eq7.taylor",),
    basis="derived",
    mutants=_orders_mutants,
)
