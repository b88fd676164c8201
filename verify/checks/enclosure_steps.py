"""A proof by enclosures, told step by step: what is evaluated, over what set, and in what arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from verify.evidence import JSON

if TYPE_CHECKING:
    import sympy as sp

    from numerics.balls.subdivision import Box

Steps = Sequence[JSON]
"""Steps as evidence holds them under "derivation"."""

_NODES: Final = 260
_SIGNS: Final = {True: ">", False: r"\ge"}
_FORMS: Final = {
    "natural": "On a part of the box each difference is evaluated as it is written.",
    "mean-value": "On a part of the box with middle $c$ each difference is enclosed in its mean-value form, with the "
    "gradient derived symbolically and evaluated over the whole part.",
    "centred": "On a part of the box with middle $c$ each difference is enclosed by slopes, taken one coordinate "
    "after the other from derivatives that were derived symbolically.",
    "best": "On a part of the box each difference is evaluated as it is written and, where that does not suffice, in "
    "its mean-value form about the middle $c$, with the gradient derived symbolically.",
}
_MEAN_VALUE: Final = r"f(x) \in f(c) + \nabla f(\text{box}) \cdot (x - c)"


def step(text: str, latex: str = "") -> JSON:
    """One step: a sentence, and the formula that belongs to it if there is one."""
    return {"text": text, "latex": latex} if latex else {"text": text}


def in_balls(bits: int) -> str:
    """What ball arithmetic is, for the sentence about where it is used."""
    return (
        f"in ball arithmetic of {bits} bits: every number is an interval that contains the exact value, with all "
        "rounding included"
    )


def box_steps(
    parts: Sequence[tuple[sp.Expr, bool]],
    conditions: Sequence[tuple[sp.Expr, bool]],
    symbols: Sequence[sp.Symbol],
    box: Box,
    form: str,
    bits: int,
) -> list[JSON]:
    """The steps of an inequality over a box: differences that have to be positive, the set, the evaluation."""
    import sympy as sp

    sides = r" \times ".join(
        rf"[{sp.latex(sp.Rational(low))}, {sp.latex(sp.Rational(high))}]" for low, high in box
    )
    names = ", ".join(str(sp.latex(symbol)) for symbol in symbols)
    variables = names if len(symbols) == 1 else f"({names})"
    several = len(parts) > 1
    told = [
        _differences(
            f"The difference{'s' * several} of the two sides, which {'have' if several else 'has'} to be positive.",
            parts,
        ),
        step("The set: every real point of this box.", rf"{variables} \in {sides}"),
    ]
    if conditions:
        told.append(_differences("Of the box only the part counts where these are positive.", conditions))
    told.append(step(_FORMS[form], "" if form == "natural" else _MEAN_VALUE))
    told.append(
        step(
            f"All of it is evaluated {in_balls(bits)}. A part is settled when every ball lies on the stated side of "
            "0, or when the part lies outside the conditions; a part that is not is cut in two."
        )
    )
    return told


def stated_step(stated: Any) -> JSON:
    """The statement, as it is handed to the enclosure."""
    import sympy as sp

    from verify.stating import expression_latex

    text = "The statement, as it is handed to the enclosure."
    if len(list(islice(sp.preorder_traversal(stated), 2 * _NODES + 1))) > 2 * _NODES:
        return step(f"{text} It is too long to print here.")
    return {"text": text, "latex": expression_latex(stated), "compared": True}


def settled(boxes: int) -> JSON:
    """The last step of a proof by subdivision."""
    looked_at = "the whole was" if boxes == 1 else f"{boxes} parts were"
    return step(f"After {looked_at} looked at, nothing is left open.")


def _differences(text: str, parts: Sequence[tuple[sp.Expr, bool]]) -> JSON:
    """Each difference with its sign, where they are short enough to be read."""
    import sympy as sp

    for expr, _ in parts:
        if len(list(islice(sp.preorder_traversal(expr), _NODES + 1))) > _NODES:
            return step(f"{text} They are too long to print here.")
    return step(text, r",\quad ".join(f"{sp.latex(expr)} {_SIGNS[strict]} 0" for expr, strict in parts))
