"""A formula's tree as plain lists, from which the typst template builds its mathematics.

No markup is written: the template gets data and calls functions with them, so that nothing in a formula can be
anything but what it is printed as.
"""

from __future__ import annotations

from typing import Any

from verify.report.formula import Node, lines


def tree(node: Node) -> list[Any]:
    """The tree as JSON: [kind, …] with the parts that the template's `build` expects of that kind."""
    kind = node.kind
    if kind == "row":
        return ["row", [tree(part) for part in node.parts]]
    if kind in ("letter", "sign", "bigop"):
        return ["sign", "−" if node.text == "-" else node.text]
    if kind in ("number", "text", "function", "limits"):
        return [kind, node.text]
    if kind in ("open", "close", "bar"):
        return [kind, node.text, node.size]
    if kind == "space":
        return [kind, node.size]
    if kind == "prime":
        return [kind, "′" * node.size]
    if kind == "script":
        base, below, above = (tree(part) if part.kind != "row" or part.parts else None for part in node.parts)
        return [kind, base or ["row", []], below, above]
    if kind in ("accent", "line", "font"):
        return [kind, node.text, tree(node.parts[0])]
    if kind == "fence":
        return [kind, node.text, [tree(part) for part in node.parts], node.other]
    if kind == "middle":
        return [kind, node.text]
    if kind == "table":
        rows = [[tree(cell) for cell in row.parts] for row in node.parts]
        width = max(len(row) for row in rows)
        padded = [row + [["row", []]] * (width - len(row)) for row in rows]
        return [kind, node.text, padded, node.other]
    # frac, dfrac, tfrac, binom, sqrt, root, above, below
    return [kind, *(tree(part) for part in node.parts)]


def displayed(node: Node) -> list[list[list[Any]]]:
    """The lines of a displayed formula, each a list of its cells."""
    return [[tree(cell) for cell in line] for line in lines(node)]
