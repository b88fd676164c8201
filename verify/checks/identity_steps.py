"""An identity that was decided, told step by step: what was derived and from what, the two sides, the decision.

The steps are those that the machine took: the chain of a derivation as it was noted while the left-hand side was
made, and the comparison as it was decided. Formulas too long to read are counted and not printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from verify.evidence import JSON

if TYPE_CHECKING:
    import sympy as sp

    from theory.noting import Used

_PREFERRED_DIM: Final = 2  # the dimension in which formulas show all their kinds of terms and are still short
_COMPONENTS: Final = 2
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
    """The two sides of a few components, the decision about them, and the second route.

    derived: whether the left-hand side comes from a derivation that is told before.
    """
    told: list[JSON] = []
    for name, left, right in sorted(pairs, key=_preference)[:_COMPONENTS]:
        of = f" of the component {name}" if name else ""
        made = ", as it was derived" if derived else ""
        if left == right:
            told.append(_step(f"Both sides{of}, which come out in the same form.", right))
        else:
            told.append(_step(f"Left-hand side{of}{made}.", left))
            told.append(_step(f"Right-hand side{of}, as it is stated.", right))
    others = len(pairs) - _COMPONENTS
    more = (
        f" {others} further component{'s are' if others > 1 else ' is'} compared in the same way."
        if others > 0
        else ""
    )
    stated = ", ".join(dict.fromkeys(classes))
    told.append(
        {
            "text": f"The difference of the two sides, written in independent generators and expanded, is 0 in the "
            f"{stated}.{more}"
        }
    )
    where = ", ".join(f"{symbol} = {value}" for symbol, value in islice(point.items(), 6))
    shown = f", one of them at {where}" if 0 < len(where) <= 300 else ""
    told.append(
        {
            "text": f"A second route, without that canonical form: {evaluations} exact evaluations in rational "
            f"arithmetic, at points that satisfy the hypotheses, give 0{shown}."
        }
    )
    return told


_UNPRINTED: Final = " It is too long to print here."


def _preference(pair: tuple[str, Any, Any]) -> tuple[bool, int]:
    """Components in the preferred dimension first, where the names say a dimension."""
    name = pair[0]
    return (name.startswith("d = ") and not name.startswith(f"d = {_PREFERRED_DIM}"), 0)


def _step(text: str, expr: sp.Expr) -> JSON:
    latex = _latex(expr)
    return {"text": text, "latex": latex} if latex else {"text": text + _UNPRINTED}


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


def _latex(expr: sp.Expr) -> str:
    import sympy as sp

    if len(list(islice(sp.preorder_traversal(expr), _NODES + 1))) > _NODES:
        return ""
    latex = str(sp.latex(expr))
    return latex if len(latex) <= _LONGEST else ""
