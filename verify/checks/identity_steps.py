"""An identity that was decided, told step by step: what was derived and from what, the two sides, the decision.

The steps are those that the machine took: the chain of a derivation as it was noted while the left-hand side was
made, and the comparison as it was decided. Formulas too long to read are counted and not printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from verify.evidence import JSON

if TYPE_CHECKING:
    import sympy as sp

    from theory.noting import Used

_PREFERRED_DIM: Final = 2  # the dimension in which formulas show all their kinds of terms and are still short
_COMPONENTS: Final = 8
_NAMED: Final = 24
_SIDE_NODES: Final = (
    500  # a side that is compared is printed up to this size, and a step of a derivation below
)
_SIDE_LONGEST: Final = 2600
_DIMENSION: Final = re.compile(r"\bd = (\d+)")
_NODES: Final = 260
_LONGEST: Final = 2500


def chain_steps(used: Sequence[Used]) -> list[JSON]:
    """The steps of a derivation that were used, after those that these were made from."""
    from theory.noting import chain, meaning

    dims = {getattr(one, "dim", 0) for one, _ in used}
    shown = min(dims, key=lambda dim: (dim != _PREFERRED_DIM, dim), default=0)
    told: list[JSON] = []
    for one, name in chain([(one, name) for one, name in used if getattr(one, "dim", 0) == shown]):
        latex = _value_latex(getattr(one, name))
        dim = getattr(one, "dim", 0)
        sentence = f"{meaning(one, name).rstrip('.')}" + (f" (here for $d = {dim}$)." if dim else ".")
        told.append({"text": sentence, "latex": latex} if latex else {"text": sentence + _UNPRINTED})
    return told


def comparison_steps(
    pairs: Sequence[tuple[str, sp.Expr, sp.Expr]],
    classes: Sequence[str],
    evaluations: int,
    point: Mapping[str, str],
    *,
    derived: bool,
) -> list[JSON]:
    """The two sides, the decision about them, and the second route.

    derived: whether the left-hand side comes from a derivation that is told before.
    """
    told = sides_steps(pairs, derived=derived)
    stated = ", ".join(dict.fromkeys(classes))
    of = "The difference of the two sides" if len(pairs) == 1 else "Each difference of two sides"
    told.append(
        {"text": f"{of}, written in independent generators and expanded, is 0 in the {stated}."},
    )
    where = ", ".join(f"{symbol} = {value}" for symbol, value in islice(point.items(), 6))
    shown = f", one of them at {where}" if 0 < len(where) <= 300 else ""
    network = ", and sums and means those of a finite network" if "neurons" in point else ""
    told.append(
        {
            "text": f"A second route, without that canonical form: {evaluations} evaluations at exact points agree"
            f"{shown}. Symbols take any values there that their assumptions allow{network}."
        }
    )
    return told


def sides_steps(pairs: Sequence[tuple[str, sp.Expr, sp.Expr]], *, derived: bool) -> list[JSON]:
    """What is compared, as the check has it: both sides of each component, and what their symbols assume.

    Where components are in several dimensions, those of one are printed and the others named; so are those beyond the
    first few.
    """
    from verify.stating import assumptions_latex, unknowns

    told: list[JSON] = []
    shown = _of_one_dimension(pairs)[:_COMPONENTS]
    for name, left, right in shown:
        of = f" of the component `{name}`" if name else ""
        made = ", as it was derived" if derived else ""
        if left == right:
            told.append(_step(f"Both sides{of}, which come out in the same form.", right))
        else:
            told.append(_step(f"Left-hand side{of}{made}.", left))
            told.append(_step(f"Right-hand side{of}, as it is stated.", right))
    kept = {name for name, _, _ in shown}
    others = [f"`{name}`" for name, _, _ in pairs if name not in kept]
    if others:
        listed = ", ".join(others[:_NAMED]) + (f" and {len(others) - _NAMED} more" if others[_NAMED:] else "")
        told.append({"text": f"Compared in the same way, and not printed here: {listed}."})
    assumed = assumptions_latex({one for _, *sides in shown for side in sides for one in unknowns(side)}, {})
    if assumed:
        told.append({"text": "What the symbols assume.", "latex": r",\; ".join(assumed)})
    return told


_UNPRINTED: Final = " It is too long to print here."


def _of_one_dimension(
    pairs: Sequence[tuple[str, sp.Expr, sp.Expr]],
) -> Sequence[tuple[str, sp.Expr, sp.Expr]]:
    """The components of one dimension where their names say one, with those whose names do not: the preferred
    dimension or, where that is too long to print, the first that is not."""

    def of(dim: str) -> Sequence[tuple[str, sp.Expr, sp.Expr]]:
        return [one for one in pairs if (found := _DIMENSION.search(one[0])) is None or found[1] == dim]

    found = {match[1] for name, _, _ in pairs if (match := _DIMENSION.search(name))}
    dims = sorted(found, key=lambda dim: (dim != str(_PREFERRED_DIM), int(dim)))
    if not dims:
        return pairs
    readable = (dim for dim in dims if all(_side(right) for _, _, right in of(dim)))
    return of(next(readable, dims[0]))


def _side(expr: sp.Expr) -> str:
    return _latex(expr, _SIDE_NODES, _SIDE_LONGEST)


def _step(text: str, expr: sp.Expr) -> JSON:
    latex = _side(expr)
    return {"text": text, "latex": latex, "compared": True} if latex else {"text": text + _UNPRINTED}


def _value_latex(value: Any) -> str:
    """A result of a step in LaTeX, "" where it is too long or of no kind that is printed."""
    import sympy as sp

    from theory import ParticleSystem, TwoLayerNetwork, VectorField
    from theory.asymptotics import Asymptotic
    from theory.rates import rate_latex
    from theory.solutions import DescentSolution

    if isinstance(value, (sp.Expr, sp.MatrixBase)):
        return _latex(value)
    if isinstance(value, Asymptotic):
        leading = _latex(value.leading)
        return leading and rf"\sim {leading} \quad (m \to \infty)"
    if isinstance(value, tuple) and value and all(isinstance(one, sp.Expr) for one in value):
        return _latex(value[0] if len(value) == 1 else sp.Tuple(*value))
    if isinstance(value, TwoLayerNetwork):
        lines = [("R", value.risk)]
    elif isinstance(value, ParticleSystem):
        lines = [(rate_latex(c), e) for c, e in zip(value.neuron.coordinates, value.drift, strict=True)]
    elif isinstance(value, VectorField):
        lines = [(rate_latex(v), e) for v, e in zip(value.variables, value.components, strict=True)]
    elif isinstance(value, DescentSolution):
        lines = [("P(v)", value.P), ("Q(v)", value.Q), ("t(v)", value.t)]
    else:
        return ""
    printed = [(name, _latex(expr)) for name, expr in lines]
    if not all(latex for _, latex in printed):
        return ""
    if len(printed) == 1:
        return " = ".join(printed[0])
    rows = r" \\ ".join(f"{name} &= {latex}" for name, latex in printed)
    return rf"\begin{{aligned}} {rows} \end{{aligned}}"


def _latex(expr: sp.Expr, nodes: int = _NODES, longest: int = _LONGEST) -> str:
    import sympy as sp

    if len(list(islice(sp.preorder_traversal(expr), nodes + 1))) > nodes:
        return ""
    latex = str(sp.latex(expr))
    return latex if len(latex) <= longest else ""
