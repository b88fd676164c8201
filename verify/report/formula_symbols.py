r"""The commands of LaTeX's mathematics that a formula may use, and what each of them stands for.

Nothing that is not listed here or in `formula` is ever handed on to a typesetter: \input, \write18, \def and all the
rest are simply unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


#: Letters and signs: command to character. Of several commands for one character the first is the one to print.
SYMBOLS: Final[Mapping[str, str]] = _pairs(
    r"""
    alpha α beta β gamma γ delta δ varepsilon ε epsilon ϵ zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ
    lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ varphi φ phi ϕ chi χ psi ψ
    omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
    ell ℓ hbar ℏ imath 𝚤 jmath 𝚥 Re ℜ Im ℑ aleph ℵ wp ℘ partial ∂ nabla ∇ infty ∞ forall ∀ exists ∃ nexists ∄
    emptyset ∅ varnothing ∅ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ prime ′ square □ Box □ blacksquare ■ bullet • star ⋆
    dagger † ddagger ‡ degree °
    ldots … dots … dotsc … cdots ⋯ dotsb ⋯ vdots ⋮ ddots ⋱
    pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ circ ∘ oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ cup ∪ cap ∩ sqcup ⊔ sqcap ⊓
    wedge ∧ land ∧ vee ∨ lor ∨ setminus ∖ backslash ∖
    le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠ ll ≪ gg ≫ lesssim ≲ gtrsim ≳ equiv ≡ sim ∼ simeq ≃
    approx ≈ cong ≅ propto ∝ asymp ≍ doteq ≐ coloneqq ≔ prec ≺ succ ≻ preceq ⪯ succeq ⪰
    in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ perp ⟂ parallel ∥ mid ∣ vdash ⊢ models ⊨
    to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷
    Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ Longrightarrow ⟹ implies ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ iff ⟺
    mapsto ↦ longmapsto ⟼ uparrow ↑ downarrow ↓ nearrow ↗ searrow ↘ hookrightarrow ↪ rightharpoonup ⇀ leadsto ⇝
    therefore ∴ because ∵
    """
)

#: Signs that stretch or group, each with the command for its opening and its closing form.
DELIMITERS: Final[Mapping[str, str]] = _pairs(
    r"""
    lVert ‖ rVert ‖ Vert ‖ | ‖ lvert | rvert | vert | langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉
    { { } } lbrace { rbrace } lbrack [ rbrack ]
    """
)

#: How a delimiter is printed in LaTeX: plain, opening, closing.
DELIMITER_FORMS: Final[Mapping[str, tuple[str, str, str]]] = {
    "(": ("(", "(", "("),
    ")": (")", ")", ")"),
    "[": ("[", "[", "["),
    "]": ("]", "]", "]"),
    "/": ("/", "/", "/"),
    "{": (r"\{", r"\{", r"\{"),
    "}": (r"\}", r"\}", r"\}"),
    "|": (r"\vert", r"\lvert", r"\rvert"),
    "‖": (r"\Vert", r"\lVert", r"\rVert"),
    "⟨": (r"\langle",) * 3,
    "⟩": (r"\rangle",) * 3,
    "⌊": (r"\lfloor",) * 3,
    "⌋": (r"\rfloor",) * 3,
    "⌈": (r"\lceil",) * 3,
    "⌉": (r"\rceil",) * 3,
    "↑": (r"\uparrow",) * 3,
    "↓": (r"\downarrow",) * 3,
}

BIG_OPERATORS: Final[Mapping[str, str]] = _pairs(
    r"""
    sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀
    """
)

#: Named functions; those in the second list have their index below them in a displayed formula.
FUNCTIONS: Final = frozenset(
    "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp log ln lg ker dim deg arg hom".split()
)
LIMIT_FUNCTIONS: Final = frozenset("lim max min sup inf det gcd Pr limsup liminf".split())

#: Accents: command to combining character.
ACCENTS: Final[Mapping[str, str]] = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
}
LINES: Final[Mapping[str, str]] = {
    "overline": "overline",
    "underline": "underline",
    "overbrace": "overbrace",
    "underbrace": "underbrace",
}

#: Commands that set their argument in another alphabet.
FONTS: Final[Mapping[str, str]] = {
    "mathrm": "upright",
    "mathup": "upright",
    "mathit": "italic",
    "mathbf": "bold",
    "boldsymbol": "boldsymbol",
    "bm": "boldsymbol",
    "mathbb": "bb",
    "mathcal": "cal",
    "mathscr": "cal",
    "mathfrak": "frak",
    "mathsf": "sans",
    "mathtt": "mono",
}
TEXTS: Final = frozenset("text mbox textrm textnormal textit textbf".split())

#: Widths of spaces in eighteenths of an em.
SPACES: Final[Mapping[str, int]] = {
    ",": 3,
    "thinspace": 3,
    ":": 4,
    ">": 4,
    "medspace": 4,
    ";": 5,
    "thickspace": 5,
    "!": -3,
    "negthinspace": -3,
    " ": 6,
    "quad": 18,
    "qquad": 36,
}

SIZES: Final[Mapping[str, int]] = {"big": 1, "Big": 2, "bigg": 3, "Bigg": 4}

#: What stands between `\begin{…}` and `\end{…}`, with the delimiters around it.
ENVIRONMENTS: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(("aligned", "align", "align*", "split", "alignedat"), ("", "")),
    **dict.fromkeys(("gathered", "gather", "gather*", "matrix", "smallmatrix", "array"), ("", "")),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{", ""),
}
ALIGNED: Final = frozenset({"aligned", "align", "align*", "split"})

NEGATED: Final[Mapping[str, str]] = {
    "=": "≠",
    "∈": "∉",
    "∃": "∄",
    "≡": "≢",
    "⊂": "⊄",
    "⊆": "⊈",
    "∣": "∤",
    "∥": "∦",
}
_NEGATED_COMMANDS: Final = {
    "≢": r"\not\equiv",
    "⊄": r"\not\subset",
    "⊈": r"\nsubseteq",
    "∤": r"\nmid",
    "∦": r"\nparallel",
}

#: Characters that a keyboard has, and that are signs of a formula as they stand.
PLAIN_SIGNS: Final = frozenset("+*/=<>()[]|,;:.!?@")

#: Characters that people type in place of a command.
_TYPED: Final[Mapping[str, str]] = {"−": "-", "·": "⋅", "µ": "μ"}


def typed(char: str) -> str:
    """The character to use for one that was typed: − is the minus sign that a hyphen gives as well."""
    return _TYPED.get(char, char)


def _printed() -> dict[str, str]:
    table = dict(_NEGATED_COMMANDS)
    for name, char in (*SYMBOLS.items(), *BIG_OPERATORS.items()):
        table.setdefault(char, f"\\{name}")
    # A package less that the folder needs.
    table |= {"≔": ":=", "°": r"{}^{\circ}", "∐": r"\coprod"}
    return table


#: Character to LaTeX command.
COMMANDS: Final[Mapping[str, str]] = _printed()
