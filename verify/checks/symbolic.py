"""Identities, decided exactly: a canonical form proves, an exact value at a point refutes.

PROVED comes from `theory.zero.decide_zero` for every component, and the same identity must then hold in random finite
models (exact rational networks and data that satisfy the hypotheses): a second route, by explicit sums. REFUTED comes
only from a point that satisfies the hypotheses and where the two sides have different exact values.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

if TYPE_CHECKING:
    import sympy as sp

    from theory.finite_model import FiniteModel
    from theory.noting import Used

Side = Any
"""An expression, a sequence or mapping of expressions, or a function without arguments that returns one of these."""

_MODELS = 3
_POINTS_FOR_REFUTATION = 12
_MOST_POINTS = 60  # drawn at most: many may lie outside the domain of a logarithm, say
_DRAWS = 60
_AS_DRAWN = 20  # points after each of which numbers are drawn ten times as small
_PROPERTIES = (
    "zero nonzero positive negative nonnegative nonpositive integer noninteger even odd prime composite "
    "rational irrational algebraic transcendental real imaginary complex finite infinite commutative"
).split()


def identity(lhs: Side, rhs: Side, *, aligned: bool = True) -> Check:
    """lhs = rhs, component by component.

    A side in names (`theory.naming.Named`) is compared with their meanings in their places.

    aligned: whether the hypotheses include Assumptions 1 and 2 (symmetric ρ, M₂ = I, z = e₁); the finite models that
             the identity is tried in satisfy them if so, and are arbitrary if not.
    """

    def run(context: Context) -> Evidence:
        return decide(lhs, rhs, aligned=aligned, seed=context.seed)

    return Check("symbolic", run, lambda: (_evaluated(lhs), _evaluated(rhs)))


def components(lhs: Side, rhs: Side) -> list[tuple[str, sp.Expr, sp.Expr]]:
    """Named pairs of the two sides. ValueError if they do not have the same shape."""
    left, right = _evaluated(lhs), _evaluated(rhs)
    if (isinstance(left, Mapping) or _is_sequence(left)) and not left:
        raise ValueError("there is nothing to compare: a side has no components.")
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        if set(left) != set(right):
            raise ValueError(
                f"the two sides name different components: {sorted(map(str, set(left) ^ set(right)))}."
            )
        return [(str(key), left[key], right[key]) for key in left]
    if _is_sequence(left) and _is_sequence(right):
        if len(left) != len(right):
            raise ValueError(f"the two sides have {len(left)} and {len(right)} components.")
        return [(str(i), p, q) for i, (p, q) in enumerate(zip(left, right, strict=True))]
    if isinstance(left, Mapping) or isinstance(right, Mapping) or _is_sequence(left) or _is_sequence(right):
        raise ValueError(
            "one side has several components and the other one does not, or not in the same form."
        )
    return [("", left, right)]


def _evaluated(side: Side) -> Any:
    import sympy as sp

    value = side() if callable(side) and not isinstance(side, sp.Basic) else side
    if isinstance(value, Mapping):
        return {key: _expression(entry) for key, entry in value.items()}
    if _is_sequence(value):
        return [_expression(entry) for entry in value]
    return _expression(value)


def _expression(given: object) -> sp.Expr:
    import sympy as sp

    from theory.errors import TheoryError

    try:
        return sp.sympify(given, strict=True)
    except sp.SympifyError:
        raise TheoryError(
            f"a side of an identity is an expression, a sequence or a mapping of them, not {given!r}"
        ) from None


def _is_sequence(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def decide(lhs: Side, rhs: Side, *, aligned: bool = True, seed: int = 0) -> Evidence:
    """Evidence on lhs = rhs; see the module's text for what each verdict rests on."""
    from theory.naming import in_full
    from theory.noting import noted
    from theory.zero import decide_zero
    from verify.region import refuse_namesakes

    with noted() as used:
        left_side = _evaluated(lhs)
    pairs = components(left_side, rhs)
    classes: list[str] = []
    open_components = []
    for name, *sides in pairs:
        left, right = map(in_full, sides)
        decision = decide_zero(left - right)
        classes.append(decision.stated_class)
        if not decision.is_zero:
            open_components.append((name, left, right, decision.residual))
    if not open_components:
        return _confirmed(pairs, classes, aligned, seed, used)
    for name, left, right, _ in open_components:
        # x and x with other assumptions differ, and that refutes nothing that a reader sees.
        refuse_namesakes(left.free_symbols | right.free_symbols)
        refutation = _refutation(name, left, right, aligned, seed)
        if refutation is not None:
            return refutation
    name, _, _, residual = open_components[0]
    return Evidence(
        Verdict.UNDECIDED,
        "symbolic",
        f"The canonical form of {_named(name)} is not zero, and no exact value that differs from 0 was found.",
        {"residual": str(residual)[:2000]},
    )


def _named(name: str) -> str:
    return f"component {name} of the difference" if name else "the difference"


def _confirmed(
    pairs: list[tuple[str, sp.Expr, sp.Expr]], classes: list[str], aligned: bool, seed: int, used: list[Used]
) -> Evidence:
    from theory.naming import in_full
    from verify.checks.identity_steps import chain_steps, comparison_steps

    worlds = 0
    example: dict[str, str] = {}
    chain = chain_steps(used)
    for name, *sides in pairs:
        left, right = map(in_full, sides)
        found = 0
        for point, difference in _values(left - right, aligned, seed, _MOST_POINTS):
            if found == _MODELS:
                break
            found += _is_finite(difference)
            example = example or point
            if _is_nonzero(difference):
                return Evidence(
                    Verdict.ERROR,
                    "symbolic",
                    f"The canonical form of {_named(name)} is zero, but its exact value is not: the two routes "
                    "contradict each other.",
                    {"point": point, "value": str(difference)},
                )
        if not found or not _defined_somewhere(left, right, aligned, seed):
            return Evidence(
                Verdict.UNDECIDED,
                "symbolic",
                f"The canonical form of {_named(name)} is zero wherever it is defined, but no point was found where "
                "it is.",
            )
        worlds += found
    count = len(pairs)
    stated = ", ".join(dict.fromkeys(classes))
    return Evidence(
        Verdict.PROVED,
        "symbolic",
        f"{count} component{'s' if count > 1 else ''} reduced to zero in canonical form ({stated}); "
        f"{worlds} exact evaluations agree.",
        {
            "class": stated,
            "components": count,
            "evaluations": worlds,
            "derivation": chain + comparison_steps(pairs, classes, worlds, example, derived=bool(chain)),
        },
    )


def _defined_somewhere(left: sp.Expr, right: sp.Expr, aligned: bool, seed: int) -> bool:
    """Whether both sides have a value at some point, also where a quotient or function cancels in their difference."""
    import sympy as sp

    entire = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs)

    def partial(expr: sp.Expr) -> set[sp.Expr]:
        powers = {one for one in expr.atoms(sp.Pow) if not (one.exp.is_Integer and one.exp > 0)}
        # Undefined functions, and those of the theory, have a value everywhere.
        functions = {
            f for f in expr.atoms(sp.Function) if str(type(f).__module__).startswith("sympy.functions.")
        }
        return powers | {f for f in functions if not isinstance(f, entire)}

    cancelled = (partial(left) | partial(right)) - partial(left - right)
    return not cancelled or all(
        any(_is_finite(value) for _, value in _values(side, aligned, seed, _MOST_POINTS))
        for side in (left, right)
    )


def _refutation(name: str, left: sp.Expr, right: sp.Expr, aligned: bool, seed: int) -> Evidence | None:
    from verify.checks.identity_steps import sides_steps

    found = 0
    for point, difference in _values(left - right, aligned, seed, _MOST_POINTS):
        if found == _POINTS_FOR_REFUTATION:
            break
        found += _is_finite(difference)
        if _is_nonzero(difference):
            return Evidence(
                Verdict.REFUTED,
                "symbolic",
                f"At an exact point that satisfies the hypotheses {_named(name)} is {_short(difference)}, not 0.",
                {
                    "component": name,
                    "point": point,
                    "difference": str(difference)[:400],
                    "derivation": sides_steps([(name, left, right)], derived=False),
                },
            )
    return None


def _short(value: sp.Expr) -> str:
    text = str(value)
    shown = text if value.is_Rational else f"`{text}`"
    return shown if len(text) <= 40 else f"about {value.evalf(6)}"


def _values(
    difference: sp.Expr, aligned: bool, seed: int, count: int
) -> Iterator[tuple[dict[str, str], sp.Expr]]:
    """Exact values of the difference at random points of its domain: (description of the point, value)."""
    import sympy as sp

    from theory.finite_model import random_model

    dim = _dimension(difference)
    for index in range(count):
        model = random_model(1000 * seed + index, dim, aligned=aligned, width_of_model=2 + index % 2)
        try:
            # A root or a logarithm may be real near 0 alone.
            scale = sp.Rational(1, 10 ** (index // _AS_DRAWN))
            values = _symbol_values(difference, model, random.Random(1000 * seed + index), scale)
        except _OutsideHypotheses:
            continue
        result = _with_function_values(model.interpret(difference, values), random.Random(index))
        point = {str(symbol): str(value) for symbol, value in values.items()}
        point["neurons"] = str(model.neurons)
        yield point, result


def _dimension(expr: sp.Expr) -> int:
    from theory.network import Target
    from theory.symbols import Coordinate

    slots = [int(c.slot[1:]) for c in _coordinates(expr, Coordinate) if c.slot != "a"]
    slots += [len(target.args) for target in expr.atoms(Target)]
    # In one dimension the moments are called M4; in d of them M3_1 has d numbers.
    for symbol in expr.free_symbols:
        if symbol.name[:1] in "MF" and symbol.name[1:].replace("_", "").isdecimal():
            slots.append(1 + symbol.name.count("_"))
    return max(slots, default=1)


def _coordinates(expr: sp.Basic, kind: type) -> set[Any]:
    found = {expr} if isinstance(expr, kind) else set()
    return found.union(*(_coordinates(arg, kind) for arg in expr.args)) if expr.args else found


def _symbol_values(
    expr: sp.Expr, model: FiniteModel, rng: random.Random, scale: sp.Rational
) -> dict[sp.Symbol, sp.Rational]:
    from theory.symbols import Coordinate

    values: dict[sp.Symbol, sp.Rational] = {}
    for symbol in sorted(expr.free_symbols, key=str):
        if isinstance(symbol, Coordinate):
            continue
        known = model.symbol_value(symbol)
        if known is None:
            values[symbol] = _drawn(symbol, rng, scale)
        elif not _satisfies(known, symbol):
            raise _OutsideHypotheses
    return values


class _OutsideHypotheses(Exception):
    """No value was found that a symbol's assumptions allow."""


def _with_function_values(value: sp.Expr, rng: random.Random) -> sp.Expr:
    """A number for each value of an undefined function, from the innermost outwards: such a function is arbitrary."""
    from sympy.core.function import AppliedUndef

    while calls := [c for c in value.atoms(AppliedUndef) if not any(a.has(AppliedUndef) for a in c.args)]:
        value = value.xreplace({call: _drawn(call, rng) for call in sorted(calls, key=str)})
    return value


def _drawn(symbol: sp.Expr, rng: random.Random, scale: sp.Rational | int = 1) -> sp.Rational:
    import sympy as sp

    for _ in range(_DRAWS):
        size = scale * sp.Rational(rng.randint(1, 40), rng.randint(11, 17))
        drawn = size if rng.random() < 0.5 else -size
        value = (
            sp.Integer(rng.randint(-5, 9)) if symbol.is_integer else sp.S.Zero if symbol.is_zero else drawn
        )
        if _satisfies(value, symbol):
            return value
    raise _OutsideHypotheses


def _satisfies(value: sp.Rational, unknown: sp.Expr) -> bool:
    """Whether a value has every property that a symbol or a function's value is assumed to have."""
    assumed = {name: getattr(unknown, f"is_{name}") for name in _PROPERTIES}
    return all(truth is None or getattr(value, f"is_{name}") == truth for name, truth in assumed.items())


def _is_finite(value: sp.Expr) -> bool:
    """True only if the value is certainly a finite number."""
    if value.is_Rational:
        return True
    ball = _ball(value)
    return ball is not None and bool(ball.is_finite())


def _is_nonzero(value: sp.Expr) -> bool:
    """True only if the value is certainly not zero: a rational ≠ 0, or a ball that excludes 0."""
    if value.is_Rational:
        return bool(value != 0)
    ball = _ball(value)
    return ball is not None and bool(ball.is_finite() and not ball.contains(0))


def _ball(value: sp.Expr) -> Any:
    """A ball around a number, None where ball arithmetic cannot tell."""
    from theory.codegen import ball_expression
    from theory.errors import TheoryError

    try:
        (ball,) = ball_expression([value], [])()
    except (TheoryError, ZeroDivisionError):
        return None
    return ball
