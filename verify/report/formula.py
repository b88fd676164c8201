r"""A formula in LaTeX as a tree: what the printed forms of a report are made from.

The tree knows the mathematics that statements are written in and nothing else; what it does not know is a
FormulaError, and the formula is then shown as its source. As each printed form is written anew from the tree, no text
of a statement reaches a typesetter as commands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from verify.report.formula_symbols import (
    ACCENTS,
    ALIGNED,
    BIG_OPERATORS,
    COMMANDS,
    DELIMITER_FORMS,
    DELIMITERS,
    ENVIRONMENTS,
    FONTS,
    FUNCTIONS,
    LIMIT_FUNCTIONS,
    LINES,
    NEGATED,
    PLAIN_SIGNS,
    SIZES,
    SPACES,
    SYMBOLS,
    TEXTS,
    typed,
)

_TOKEN: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|[0-9]+(?:\.[0-9]+)?|.", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z0-9 \-]{1,40}")
_STYLES: Final = frozenset({"displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber"})
_FRACTIONS: Final = {"frac": "frac", "dfrac": "dfrac", "cfrac": "dfrac", "tfrac": "tfrac", "binom": "binom"}
_LONGEST: Final = 20_000
_DEEPEST: Final = 24


class FormulaError(ValueError):
    """A formula that is not understood: what stands in it that no form is known of."""


@dataclass(frozen=True)
class Node:
    """One piece of a formula.

    kind:  row (parts side by side), letter, sign, number, text, function, limits (a function with its index below),
           bigop, frac, dfrac, tfrac, binom, sqrt, root (index, body), script (base, below, above), fence (what two
           delimiters hold), middle (a delimiter inside), open, close and bar (a delimiter of its own, big by `size`),
           accent, line, font, space, above and below (base, what stands over or under it), prime, table (rows), cells.
    text:  its character or name; of a fence the delimiter on its left, of a table its environment.
    other: of a fence and a table the delimiter on the right; of an accent its command.
    size:  of a delimiter 0 to 4; of a space eighteenths of an em; of primes how many.
    """

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()
    other: str = ""
    size: int = 0


EMPTY: Final = Node("row")


def parse(latex: str) -> Node:
    """The tree of a formula. FormulaError where it is not understood."""
    if not latex.strip():
        raise FormulaError("it is empty")
    if len(latex) > _LONGEST:
        raise FormulaError(f"it is longer than {_LONGEST} characters")
    return _Parser(latex).whole()


def lines(node: Node) -> list[tuple[Node, ...]]:
    """The lines of a displayed formula, each as its cells: more than one where it is aligned, else one."""
    if node.kind == "row" and len(node.parts) == 1:
        return lines(node.parts[0])
    if node.kind == "row" and node.parts and node.parts[0].kind == "table":
        first, *rest = node.parts
        found = lines(first)
        if len(found) > 1 or first.text in ALIGNED:
            # What follows an aligned block, as its range of validity, belongs to its last line.
            last = (*found[-1][:-1], Node("row", parts=(found[-1][-1], *rest)))
            return [*found[:-1], last]
    if node.kind == "table" and (node.text in ALIGNED or node.text.startswith("gather")):
        return [row.parts for row in node.parts]
    return [(node,)]


class _Parser:
    def __init__(self, latex: str) -> None:
        self._tokens: Sequence[str] = _TOKEN.findall(latex)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._lines(())
        if self._at < len(self._tokens):
            self._refuse(self._tokens[self._at])
        return node

    def _refuse(self, token: str) -> NoReturn:
        raise FormulaError(f"{token[:40]!r} is not expected there, or not known")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise FormulaError("it ends too early")
        self._at += 1
        return token

    def _skip_space(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _lines(self, ends: tuple[str, ...], kind: str = "aligned") -> Node:
        r"""Everything up to one of `ends`: a table where there are & or \\ in it, else a row."""
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self._row((*ends, "&", r"\\")))
            token = self._peek()
            if token == "&":
                self._at += 1
            elif token == r"\\":
                self._at += 1
                self._skip_space()
                if self._peek() == "[":
                    self._refuse("[")  # extra space below a line
                rows.append([])
            else:
                break
        if len(rows) > 1 and len(rows[-1]) == 1 and not rows[-1][0].parts:
            rows.pop()
        if len(rows) == 1 and len(rows[0]) == 1 and kind == "aligned":
            return rows[0][0]
        return Node("table", kind, tuple(Node("cells", parts=tuple(row)) for row in rows))

    def _row(self, ends: tuple[str, ...]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError(f"it is nested more than {_DEEPEST} deep")
        parts: list[Node] = []
        while True:
            self._skip_space()
            token = self._peek()
            if not token or token in ends or token == "}":
                break
            if token in ("^", "_", "'"):
                parts.append(self._scripted(EMPTY))
                continue
            atom = self._atom()
            if atom is not None:
                parts.append(self._scripted(atom))
        self._depth -= 1
        return Node("row", parts=tuple(parts))

    def _scripted(self, base: Node) -> Node:
        """The base with what stands below and above it."""
        below: Node | None = None
        above: list[Node] = []
        powers = 0
        while True:
            self._skip_space()
            token = self._peek()
            if token in (r"\limits", r"\nolimits"):
                self._at += 1
            elif token == "_":
                if below is not None:
                    self._refuse("a second index")
                self._at += 1
                below = self._argument()
            elif token == "^":
                if powers:
                    self._refuse("a second exponent")
                powers += 1
                self._at += 1
                above.append(self._argument())
            elif token == "'":
                count = 0
                while self._peek() == "'":
                    self._at, count = self._at + 1, count + 1
                above.insert(0, Node("prime", size=count))
            else:
                break
        if below is None and not above:
            return base
        # f^{\prime} and f' are the same.
        top = EMPTY if not above else above[0] if len(above) == 1 else Node("row", parts=tuple(above))
        return Node("script", parts=(base, below or EMPTY, top))

    def _argument(self) -> Node:
        self._skip_space()
        if self._peek() == "{":
            return self._group()
        if self._peek() in ("", "}", "&", "^", "_", "'", r"\\"):
            self._refuse(self._peek() or "the end")
        if len(self._peek()) > 1 and self._peek()[0].isdigit():
            # Without braces an argument is one digit long.
            first, rest = self._peek()[0], self._peek()[1:]
            self._tokens = [*self._tokens[: self._at], first, rest, *self._tokens[self._at + 1 :]]
        atom = self._atom()
        if atom is None:
            self._refuse("an empty argument")
        return atom

    def _group(self) -> Node:
        if self._next() != "{":
            self._refuse(self._tokens[self._at - 1])
        body = self._row(())
        if self._peek() != "}":
            self._refuse(self._peek() or "a brace that is left open")
        self._at += 1
        return body

    def _raw(self) -> str:
        """The text of an argument in braces, as it is written, with nested braces inside."""
        self._skip_space()
        if self._next() != "{":
            self._refuse(self._tokens[self._at - 1])
        depth, words = 1, []
        while depth:
            token = self._next()
            depth += (token == "{") - (token == "}")
            words.append(token)
        return "".join(words[:-1])

    def _atom(self) -> Node | None:
        token = self._next()
        if token == "{":
            self._at -= 1
            return self._group()
        if token[0] == "\\":
            return self._command(token[1:])
        if token[0].isdigit():
            return Node("number", token)
        char = typed(token)
        if char in ("(", "["):
            return Node("open", char)
        if char in (")", "]"):
            return Node("close", char)
        if char == "|" or char in DELIMITER_FORMS:
            return Node("bar", char)
        if char == "~":
            return Node("space", size=6)
        if char in PLAIN_SIGNS or char == "-" or char in COMMANDS:
            return Node("letter" if char.isalpha() else "sign", char)
        if char.isascii() and char.isalpha():
            return Node("letter", char)
        self._refuse(char)

    def _command(self, name: str) -> Node | None:
        if name in SYMBOLS:
            char = SYMBOLS[name]
            return Node("letter" if char.isalpha() else "sign", char)
        if name in SPACES:
            return Node("space", size=SPACES[name])
        if name in DELIMITERS:
            kind = (
                "open"
                if name[0] == "l" or name == "{"
                else "close"
                if name[0] == "r" or name == "}"
                else "bar"
            )
            return Node(kind, DELIMITERS[name])
        if name in BIG_OPERATORS:
            return Node("bigop", BIG_OPERATORS[name])
        if name in FUNCTIONS:
            return Node("function", name)
        if name in LIMIT_FUNCTIONS:
            return Node("limits", {"limsup": "lim sup", "liminf": "lim inf"}.get(name, name))
        if name in _FRACTIONS:
            return Node(_FRACTIONS[name], parts=(self._argument(), self._argument()))
        if name in ACCENTS:
            return Node("accent", ACCENTS[name], (self._argument(),), other=name)
        if name in LINES:
            return Node("line", LINES[name], (self._argument(),))
        if name in FONTS:
            return Node("font", FONTS[name], (self._argument(),))
        if name in TEXTS:
            return self._words(self._raw())
        if name in ("%", "#", "_", "&", "$"):
            return Node("text", name)
        if name in _STYLES or name == "/":
            return None
        return self._construct(name)

    def _construct(self, name: str) -> Node | None:
        if name == "sqrt":
            self._skip_space()
            if self._peek() == "[":
                self._at += 1
                index = self._row(("]",))
                if self._next() != "]":
                    self._refuse("a root's index")
                return Node("root", parts=(index, self._argument()))
            return Node("sqrt", parts=(self._argument(),))
        if name == "left":
            return self._fence()
        sized = name.rstrip("lrm")
        if sized in SIZES and name in (sized, f"{sized}l", f"{sized}r", f"{sized}m"):
            kind = {"l": "open", "r": "close"}.get(name[len(sized) :], "bar")
            return Node(kind, self._delimiter(), size=SIZES[sized])
        if name in ("operatorname", "operatorname*"):
            word = self._raw().replace(r"\,", " ")
            if not _NAME.fullmatch(word):
                self._refuse(word)
            return Node("limits" if name.endswith("*") else "function", word)
        if name in ("overset", "stackrel", "underset"):
            mark, base = self._argument(), self._argument()
            return Node("below" if name == "underset" else "above", parts=(base, mark))
        if name == "not":
            self._skip_space()
            crossed = self._atom()
            if crossed is None or crossed.text not in NEGATED:
                self._refuse(r"\not")
            return Node("sign", NEGATED[crossed.text])
        if name in ("bmod", "mod"):
            return Node("function", "mod")
        if name == "pmod":
            body = self._argument()
            inner = Node("row", parts=(Node("function", "mod"), Node("space", size=6), body))
            return Node("fence", "(", (inner,), ")")
        if name == "substack":
            if self._next() != "{":
                self._refuse(r"\substack")
            stack = self._lines(("}",), "gathered")
            self._at += 1
            return stack
        if name == "begin":
            return self._environment()
        self._refuse(f"\\{name}")

    def _words(self, raw: str) -> Node:
        r"""The argument of \text: words, with $formulas$ among them."""
        parts: list[Node] = []
        for number, piece in enumerate(re.split(r"(?<!\\)\$", raw)):
            if number % 2:
                parts.append(parse(piece))
            elif piece:
                words = re.sub(r"\\([%#_&$ ,])", lambda found: " " if found[1] in " ," else found[1], piece)
                words = re.sub(r"[{}]", "", words.replace("~", "\N{NO-BREAK SPACE}"))
                if "\\" in words or not words.isprintable():
                    self._refuse(words)
                parts.append(Node("text", words))
        return parts[0] if len(parts) == 1 else Node("row", parts=tuple(parts))

    def _delimiter(self) -> str:
        self._skip_space()
        token = self._next()
        if token == ".":
            return ""
        if token == "<":
            return "⟨"
        if token == ">":
            return "⟩"
        if token in DELIMITER_FORMS:
            return token
        if token[1:] in DELIMITERS:
            return DELIMITERS[token[1:]]
        char = SYMBOLS.get(token[1:], "")
        if char not in DELIMITER_FORMS:
            self._refuse(token)
        return char

    def _fence(self) -> Node:
        left, parts = self._delimiter(), []
        while True:
            parts.append(self._lines((r"\right", r"\middle")))
            end = self._next()
            if end == r"\right":
                return Node("fence", left, tuple(parts), self._delimiter())
            if end != r"\middle":
                self._refuse(end)
            parts.append(Node("middle", self._delimiter()))

    def _environment(self) -> Node:
        name = self._raw()
        if name in ("equation", "equation*"):
            body = self._lines((r"\end",))
        elif name in ENVIRONMENTS:
            if name in ("array", "alignedat"):
                columns = self._raw()
                if not re.fullmatch(r"[lcr0-9 ]{0,40}", columns):
                    self._refuse(columns)
            left, right = ENVIRONMENTS[name]
            table = self._lines((r"\end",), name)
            body = Node("table", name, table.parts, right) if left else table
        else:
            self._refuse(rf"\begin{{{name}}}")
        if self._next() != r"\end" or self._raw() != name:
            self._refuse(rf"\end of {name}")
        return body
