r"""Indices and powers that were typed as plain text, as in c_loss, λ_max and 2^-25, found so that they can be set.

Texts of evidence are written to be read in a terminal too. Where a report shows them, what follows _ or ^ is lowered or
raised; calculations in the notation of a program, with their ** and *, are left as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_GREEK: Final = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi "
        "omega".split(),
        "αβγδεζηθκλμνξπρστφχψω",
        strict=True,
    )
)
_NAMED: Final = re.compile(rf"\b({'|'.join(_GREEK)})(?=_|\d* =)")
#: A calculation as a program writes it.
_PROGRAM: Final = re.compile(r"\*\*|[\w)\]]\*[\w(]")
_SYMBOL: Final = r"(?<![A-Za-zΑ-Ωα-ω_.])(?:d?[A-Za-z]|[Α-Ωα-ωℓ∇]{1,2})['′²³*]?"
_INDEX: Final = rf"(?P<base>{_SYMBOL})_(?P<sub>\{{[^{{}}]*\}}|[A-Za-z]+|[Α-Ωα-ω½]|[0-9]+)(?![\w(])"
_LIKE_A_FUNCTION: Final = rf"(?P<function>{_SYMBOL})_(?P<below>[A-Za-zΑ-Ωα-ω]|[0-9]+)(?=\()"
_POWER: Final = (
    r"(?<=[A-Za-z0-9Α-Ωα-ω)|‖₀-₉])\^"
    r"(?P<super>\{[^{}]*\}|\([^()]*\)|[-−+]?[A-Za-z0-9Α-Ωα-ω½.]*[A-Za-z0-9Α-Ωα-ω½])"
)
_FOUND: Final = re.compile(f"{_INDEX}|{_LIKE_A_FUNCTION}|{_POWER}")
_LOWERED: Final = dict(zip("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_RAISED: Final = dict(zip("0123456789+-−inHT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁱⁿᴴᵀ", strict=True))


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces: ("text", …), ("sub", …) for what is to be lowered and ("super", …) for what is raised."""
    if _PROGRAM.search(text):
        yield "text", text
        return
    named = _NAMED.sub(lambda found: _GREEK[found[1]], text)
    at = 0
    for found in _FOUND.finditer(named):
        base = found["base"] or found["function"] or ""
        if named[at : found.start()] + base:
            yield "text", named[at : found.start()] + base
        lowered = found["sub"] or found["below"]
        yield ("sub", _plainly(lowered)) if lowered else ("super", _plainly(found["super"]))
        at = found.end()
    if at < len(named):
        yield "text", named[at:]


def in_characters(text: str) -> str:
    """The text with its indices and powers in raised and lowered characters; where there are none, as it was typed."""
    if _PROGRAM.search(text):
        return text
    return _FOUND.sub(_in_characters, _NAMED.sub(lambda found: _GREEK[found[1]], text))


def _in_characters(found: re.Match[str]) -> str:
    base = found["base"] or found["function"] or ""
    lowered = found["sub"] or found["below"]
    table, content = (_LOWERED, _bare(lowered)) if lowered else (_RAISED, _bare(found["super"]))
    if not all(char in table for char in content):
        return found[0]
    return base + "".join(table[char] for char in content)


def _bare(content: str) -> str:
    return content[1:-1] if content[0] in "{(" else content


def _plainly(content: str) -> str:
    """What stands in an index: its own indices in characters, hyphens as minus signs."""
    return in_characters(_bare(content)).replace("-", "−")
