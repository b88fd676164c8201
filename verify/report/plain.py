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
    "log": "log ",
    "exp": "exp ",
    "max": "max ",
    "min": "min ",
    "sup": "sup ",
    "lVert": "‖",
    "rVert": "‖",
    "|": "‖",
    ",": " ",
}
_FORMULA: Final = re.compile(r"\$([^$]+)\$")
_COMMAND: Final = re.compile(r"\\([A-Za-z]+|[|,]) ?")
_SCRIPT: Final = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))")


def plain(text: str) -> str:
    """The text with its $formulas$ written in plain characters, or as it was where they are not that simple."""

    def formula(found: re.Match[str]) -> str:
        unknown = {name for name in _COMMAND.findall(found[1]) if name not in _SYMBOLS}
        if unknown:
            return found[0]
        return _SCRIPT.sub(_script, _COMMAND.sub(lambda symbol: _SYMBOLS[symbol[1]], found[1])).strip()

    at, done = 0, ""
    for found in _FORMULA.finditer(text):
        done += in_characters(text[at : found.start()]) + formula(found)
        at = found.end()
    return done + in_characters(text[at:])


def _script(found: re.Match[str]) -> str:
    mark, grouped, single = found.groups()
    content = grouped if grouped is not None else single
    if re.fullmatch(r"[-+0-9]+", content):
        return str(content).translate(SUPERSCRIPTS if mark == "^" else _SUBSCRIPTS)
    # There are no raised or lowered forms of most letters.
    return f"{mark}{content}" if len(content) == 1 else f"{mark}({content})"
