"""Identities, decided exactly: a canonical form proves, an exact value at a point refutes.

PROVED comes from `theory.zero.decide_zero` for every component, and the same identity must then hold in random finite
models (exact rational networks and data that satisfy the hypotheses): a second route, by explicit sums. REFUTED comes
only from a point that satisfies the hypotheses and where the two sides have different exact values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verify.checks.exact_points import are_finite, is_nonzero, values_at_points
from verify.claim import Check
from verify.context import Context
from verify.evidence import Evidence, Verdict

if TYPE_CHECKING:
    import sympy as sp

    from theory.noting import Used

Side = Any
"""An expression, a sequence or mapping of expressions, or a function without arguments that returns one of these."""

_MODELS = 3
_POINTS_FOR_REFUTATION = 12
_MOST_POINTS = 60  # drawn at most: many may lie outside the domain of a logarithm, say


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
    from sympy.concrete.expr_with_limits import ExprWithLimits

    from theory.naming import in_full
    from theory.noting import noted
    from theory.zero import decide_zero, refuse_floats
    from verify.region import refuse_namesakes

    with noted() as used:
        left_side = _evaluated(lhs)
    pairs = components(left_side, rhs)
    in_sums = [(name, in_full(left), in_full(right)) for name, left, right in pairs]
    classes: list[str] = []
    open_components = []
    for name, left, right in in_sums:
        for side in (left, right):
            for one in sorted(side.atoms(ExprWithLimits), key=str)[:1]:
                return Evidence(
                    Verdict.UNDECIDED,
                    "symbolic",
                    f"`{str(one)[:80]}` in {_named(name)} is not evaluated, and may have no value; evaluate it first "
                    "(.doit()).",
                )
            # In a difference rounded numbers may vanish before anyone sees them.
            refuse_floats(side)
        decision = decide_zero(left - right)
        classes.append(decision.stated_class)
        if not decision.is_zero:
            open_components.append((name, left, right, decision.residual))
    if not open_components:
        return _confirmed(pairs, in_sums, classes, aligned, seed, used)
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


_Pairs = list[tuple[str, "sp.Expr", "sp.Expr"]]


def _confirmed(
    pairs: _Pairs, in_sums: _Pairs, classes: list[str], aligned: bool, seed: int, used: list[Used]
) -> Evidence:
    from verify.checks.identity_steps import chain_steps, comparison_steps

    worlds = 0
    example: dict[str, str] = {}
    chain = chain_steps(used)
    for name, left, right in in_sums:
        found = 0
        for point, (difference,) in values_at_points([left - right], aligned, seed, _MOST_POINTS):
            if found == _MODELS:
                break
            found += are_finite([difference])
            example = example or point
            if is_nonzero(difference):
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
    """Whether both sides have a value at some point, with every quotient, root and function in them that may have none.

    These are evaluated one by one, because they cancel as soon as an expression is built again. All else in a side has
    a value where they have; a part that a bracket binds has none outside it, and then the side is evaluated.
    """
    wanted: set[sp.Expr] = set()
    for side in (left, right):
        for part in _partial(side):
            wanted.add(part if part.free_symbols <= side.free_symbols else side)
    return not wanted or any(
        are_finite(values)
        for _, values in values_at_points(sorted(wanted, key=str), aligned, seed, _MOST_POINTS)
    )


def _partial(side: sp.Expr) -> set[sp.Expr]:
    """The parts of an expression that are not defined everywhere."""
    import sympy as sp

    entire = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs)
    found = {one for one in side.atoms(sp.Pow) if not (one.exp.is_Integer and one.exp > 0)}
    # Undefined functions, and those of the theory, have a value everywhere.
    return found | {
        one
        for one in side.atoms(sp.Function)
        if str(type(one).__module__).startswith("sympy.functions.") and not isinstance(one, entire)
    }


def _refutation(name: str, left: sp.Expr, right: sp.Expr, aligned: bool, seed: int) -> Evidence | None:
    from verify.checks.identity_steps import sides_steps

    found = 0
    for point, (difference,) in values_at_points([left - right], aligned, seed, _MOST_POINTS):
        if found == _POINTS_FOR_REFUTATION:
            break
        found += are_finite([difference])
        if is_nonzero(difference):
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
