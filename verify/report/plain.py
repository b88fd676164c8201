r"""Small formulas as plain text: what a label in a drawing can show of "$T_1$" or "$\alpha^2$"."""

from __future__ import annotations

import re
from typing import Final

from verify.report.indices import in_characters

SUPERSCRIPTS: Final = str.maketrans("-+0123456789", "⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS: Final = str.maketrans("-+0123456789", "₋₊₀₁₂₃₄₅₆₇₈₉")
_SYMBOLS: Final = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "psi": "ψ",
    "Delta": "Δ",
    "Sigma": "Σ",
    "ell": "ℓ",
    "cdot": "·",
    "times": "×",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "approx": "≈",
    "infty": "∞",
    "to": "→",
    "lVert": "‖",
    "rVert": "‖",
    "|": "‖",
    ",": " ",
}
_FUNCTIONS: Final = frozenset({"log", "exp", "max", "min", "sup"})
_FORMULA: Final = re.compile(r"\$([^$]+)\$")
_PIECE: Final = re.compile(r"\\([A-Za-z]+|[|,]) ?|.", re.DOTALL)
_SCRIPT: Final = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))")


def plain(text: str) -> str:
    """The text with its $formulas$ written in plain characters, or as it was where they are not that simple."""

    def formula(found: re.Match[str]) -> str:
        unknown = set(_PIECE.findall(found[1])) - _SYMBOLS.keys() - _FUNCTIONS - {""}
        return found[0] if unknown else _SCRIPT.sub(_script, _spelled(found[1])).strip()

    at, done = 0, ""
    for found in _FORMULA.finditer(text):
        done += in_characters(text[at : found.start()]) + formula(found)
        at = found.end()
    return done + in_characters(text[at:])


def _spelled(formula: str) -> str:
    """The formula with its commands in characters, and with a space on either side of a function's name: before it
    after a factor, behind it before anything but a bracket or an index."""
    done, behind = "", False
    for found in _PIECE.finditer(formula):
        name = found[1] or ""
        piece = name if name in _FUNCTIONS else _SYMBOLS.get(name, found[0])
        factor = done[-1:].isalnum() or done.endswith((")", "]", "}"))
        if (name in _FUNCTIONS and factor) or (behind and piece[0] not in "([_^ "):
            done += " "
        done, behind = done + piece, name in _FUNCTIONS
    return done


def _script(found: re.Match[str]) -> str:
    mark, grouped, single = found.groups()
    content = grouped if grouped is not None else single
    if re.fullmatch(r"[-+0-9]+", content):
        return str(content).translate(SUPERSCRIPTS if mark == "^" else _SUBSCRIPTS)
    # There are no raised or lowered forms of most letters.
    return f"{mark}{content}" if len(content) == 1 else f"{mark}({content})"
