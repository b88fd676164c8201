r"""A formula's tree as LaTeX, written anew: balanced, and with no command but those that stand for what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from verify.report.formula import Node, lines
from verify.report.formula_symbols import ALIGNED, COMMANDS, DELIMITER_FORMS
from verify.report.latex_text import escaped

_SPACES: Final[Mapping[int, str]] = {
    3: r"\,",
    4: r"\:",
    5: r"\;",
    -3: r"\!",
    6: r"\ ",
    18: r"\quad ",
    36: r"\qquad ",
}
_FONTS: Final[Mapping[str, str]] = {
    "upright": "mathrm",
    "italic": "mathit",
    "bold": "mathbf",
    "boldsymbol": "boldsymbol",
    "bb": "mathbb",
    "cal": "mathcal",
    "frak": "mathfrak",
    "sans": "mathsf",
    "mono": "mathtt",
}
_OWN_NAMES: Final = frozenset(
    """sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp log ln lg ker dim deg arg hom
    lim max min sup inf det gcd Pr""".split()
)
_BIG: Final = ("", "big", "Big", "bigg", "Bigg")
_MATRICES: Final = frozenset("pmatrix bmatrix Bmatrix vmatrix Vmatrix cases gathered smallmatrix".split())
#: Pieces longer than this may be wider than a line, and are made to fit.
_LONG: Final = 160


def latex(node: Node) -> str:
    """The tree as LaTeX, for mathematics mode."""
    kind = node.kind
    if kind == "row":
        return "".join(latex(part) for part in node.parts)
    if kind in ("letter", "sign", "bigop"):
        return _sign(node.text)
    if kind == "number":
        return node.text
    if kind == "text":
        return rf"\text{{{escaped(node.text)}}}"
    if kind in ("function", "limits"):
        return _named(node)
    if kind in ("open", "close", "bar"):
        return _delimiter(node.text, ("bar", "open", "close").index(kind), node.size)
    if kind == "space":
        return _SPACES.get(node.size, rf"\mspace{{{node.size}mu}}")
    if kind == "prime":
        return r"\prime " * node.size
    if kind == "script":
        return _scripted(node, _base(node.parts[0]))
    if kind == "accent":
        return rf"\{node.other}{{{latex(node.parts[0])}}}"
    if kind == "line":
        return rf"\{node.text}{{{latex(node.parts[0])}}}"
    if kind == "font":
        return rf"\{_FONTS[node.text]}{{{latex(node.parts[0])}}}"
    if kind == "fence":
        inside = "".join(latex(part) for part in node.parts)
        return rf"\left{_bare(node.text)}{inside}\right{_bare(node.other)}"
    if kind == "middle":
        return rf"\middle{_bare(node.text)}"
    if kind == "table":
        return _table(node)
    if kind == "sqrt":
        return rf"\sqrt{{{latex(node.parts[0])}}}"
    if kind == "root":
        return rf"\sqrt[{{{latex(node.parts[0])}}}]{{{latex(node.parts[1])}}}"
    if kind in ("above", "below"):
        command = "overset" if kind == "above" else "underset"
        return rf"\{command}{{{latex(node.parts[1])}}}{{{latex(node.parts[0])}}}"
    # frac, dfrac, tfrac, binom
    return rf"\{kind}{{{latex(node.parts[0])}}}{{{latex(node.parts[1])}}}"


def display(node: Node) -> str:
    r"""The tree as a displayed formula: \lmdisplay with the whole, and its lines in case that is too wide."""
    rows = lines(node)
    if len(rows) > 1:
        whole = (
            r"\begin{aligned}" + r"\\ ".join(" & ".join(map(latex, row)) for row in rows) + r"\end{aligned}"
        )
    else:
        whole = "".join(map(latex, rows[0]))
    single = "".join(rf"\lmline{{{''.join(map(latex, row))}}}{{{''.join(map(_flat, row))}}}" for row in rows)
    return rf"\lmdisplay{{{whole}}}{{{single}}}"


def _flat(node: Node) -> str:
    """The same with delimiters as single signs, between which a line may end."""
    if node.kind == "row":
        return "".join(_flat(part) for part in node.parts)
    if node.kind == "fence":
        return _opened(node) + _closing(node)
    if node.kind == "script" and node.parts[0].kind == "fence":
        return _opened(node.parts[0]) + _scripted(node, _closing(node.parts[0]))
    if node.kind == "text" and " " in node.text.strip():
        # A line may end between the words of a text as well.
        return r"\allowbreak ".join(rf"\text{{{escaped(word)}}}" for word in _words(node.text))
    made = latex(node)
    return rf"\lmfit{{{made}}}" if len(made) > _LONG else made


def _words(text: str) -> list[str]:
    """The words with the spaces behind them; a space in front belongs to the first."""
    return re.findall(r"^\s+\S*\s*|\S+\s*", text)


def _opened(fence: Node) -> str:
    left = _delimiter(fence.text, 1, 1) if fence.text else ""
    return left + "".join(_flat(part) if part.kind != "middle" else _sign(part.text) for part in fence.parts)


def _closing(fence: Node) -> str:
    return _delimiter(fence.other, 2, 1) if fence.other else "{}"


def _scripted(node: Node, base: str) -> str:
    _, below, above = node.parts
    made = base
    if below.kind != "row" or below.parts:
        made += f"_{{{latex(below)}}}"
    if above.kind != "row" or above.parts:
        made += f"^{{{latex(above)}}}"
    return made


def _base(node: Node) -> str:
    made = latex(node)
    # The operator itself has to be what the index is put to; anything that is more than one thing is a group.
    return (
        made
        if node.kind in ("bigop", "limits", "function", "letter", "open", "close", "bar", "line")
        else f"{{{made}}}"
    )


def _sign(char: str) -> str:
    if char in COMMANDS:
        return _spaced(COMMANDS[char])
    return _spaced(DELIMITER_FORMS[char][0]) if char in DELIMITER_FORMS else char


def _named(node: Node) -> str:
    name = node.text
    if name in _OWN_NAMES:
        return f"\\{name} "
    star = "*" if node.kind == "limits" else ""
    words = r"\,".join(name.replace("-", "{-}").split(" "))
    return rf"\operatorname{star}{{{words}}}"


def _delimiter(char: str, form: int, size: int) -> str:
    if not char:
        return ""
    if size:
        return _spaced(rf"\{_BIG[size]}{('', 'l', 'r')[form]}{DELIMITER_FORMS[char][0]}")
    return _spaced(DELIMITER_FORMS[char][form])


def _spaced(command: str) -> str:
    """A command is ended by a space, so that a letter behind it does not belong to it."""
    return f"{command} " if command[-1].isalpha() else command


def _bare(char: str) -> str:
    return _spaced(DELIMITER_FORMS[char][0]) if char else "."


def _table(node: Node) -> str:
    name = "aligned" if node.text in ALIGNED or node.text == "alignedat" else node.text
    name = name if name in _MATRICES or name == "aligned" else "matrix"
    rows = r"\\ ".join(" & ".join(latex(cell) for cell in row.parts) for row in node.parts)
    return rf"\begin{{{name}}}{rows}\end{{{name}}}"
