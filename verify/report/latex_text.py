r"""Plain text as LaTeX that prints it, whatever is in it: no character of it is left to mean something to TeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from verify.report.formula_symbols import COMMANDS

_SPECIAL: Final[Mapping[str, str]] = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\N{NO-BREAK SPACE}": "~",
    "\u202f": r"\,",
    "\u2009": r"\,",
    "\u200b": r"\allowbreak{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "…": r"\ldots{}",
    "−": r"\ensuremath{-}",
    "·": r"\textperiodcentered{}",
    "°": r"\textdegree{}",
    "§": r"\S{}",
    "½": r"\textonehalf{}",
    "¼": r"\textonequarter{}",
    "¾": r"\textthreequarters{}",
    "√": r"\ensuremath{\surd}",
    "∛": r"\ensuremath{\sqrt[3]{}}",
    "✓": r"\ensuremath{\checkmark}",
    "✗": r"\ensuremath{\times}",
    "⟨": r"\ensuremath{\langle}",
    "⟩": r"\ensuremath{\rangle}",
    "‖": r"\ensuremath{\Vert}",
    "′": r"\ensuremath{'}",
    "″": r"\ensuremath{''}",
    "ß": r"\ss{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "đ": r"\dj{}",
    "ı": r"\i{}",
    "\N{REPLACEMENT CHARACTER}": r"\textbf{?}",
}
_ACCENTS: Final[Mapping[str, str]] = {
    "\u0300": r"\`",
    "\u0301": r"\'",
    "\u0302": r"\^",
    "\u0303": r"\~",
    "\u0304": r"\=",
    "\u0306": r"\u",
    "\u0307": r"\.",
    "\u0308": r"\"",
    "\u030a": r"\r",
    "\u030b": r"\H",
    "\u030c": r"\v",
    "\u0327": r"\c",
    "\u0328": r"\k",
    "\u0323": r"\d",
}
_APOSTROPHE: Final = r"\textquotesingle{}"
_BREAKABLE: Final = re.compile(r"(?<=[./_=,:])(?=.)")


def escaped(text: str) -> str:
    """The text as LaTeX. A character that no typeface at hand has is printed as its code, as in [U+4E2D]."""
    whole = unicodedata.normalize("NFC", text)
    return "".join(
        # Two hyphens, commas or apostrophes in a row would become another sign.
        (char + "{}" if char == after and char in "-,'" else _character(char))
        for char, after in zip(whole, f"{whole[1:]} ", strict=False)
    )


def code(text: str) -> str:
    """The text in a typewriter's letters, to be broken after its dots and slashes where a line ends."""
    pieces = _BREAKABLE.sub("\u200b", text).split("'")
    return rf"\texttt{{{_APOSTROPHE.join(map(escaped, pieces))}}}"


def bookmark(text: str) -> str:
    """The text for a list of contents outside the page: letters, digits and a few signs."""
    return re.sub(r"[^A-Za-z0-9 .,:;()/+=-]+", " ", unicodedata.normalize("NFKD", text)).strip()


def _character(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    if char.isspace():
        return " "
    if " " <= char <= "~":
        return char
    if char in COMMANDS:
        return rf"\ensuremath{{{COMMANDS[char]}}}"
    raised = unicodedata.decomposition(char).split()
    if len(raised) == 2 and raised[0] in ("<super>", "<sub>"):
        place = "super" if raised[0] == "<super>" else "sub"
        return rf"\text{place}script{{{escaped(chr(int(raised[1], 16)))}}}"
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in _ACCENTS:
        return rf"{_ACCENTS[parts[1]]}{{{parts[0]}}}"
    if unicodedata.category(char) in ("Mn", "Cf"):
        return ""
    return rf"\texttt{{[U+{ord(char):04X}]}}"
