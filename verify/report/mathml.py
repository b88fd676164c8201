"""LaTeX to MathML that is safe to put into a page.

latex2mathml's own text output leaves hostile input unescaped, so its element tree is taken instead: only
elements and attributes off a list, and all text escaped. What it does not understand stays LaTeX, as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

from verify.report.indices import pieces

_ELEMENTS: Final = frozenset(
    """math mrow mi mn mo mtext ms mspace mfrac msqrt mroot msub msup msubsup munder mover munderover
    mmultiscripts mprescripts none mtable mtr mtd mstyle mpadded mphantom menclose""".split()
)
_ATTRIBUTES: Final = frozenset(
    """display stretchy fence form accent accentunder symmetric largeop movablelimits separator width height
    depth lspace rspace voffset minsize maxsize displaystyle scriptlevel linethickness mathvariant notation
    rowspacing columnspacing""".split()
)
# Each of their children has a place of its own, so that nothing may be put between.
_PLACED: Final = frozenset("msub msup msubsup munder mover munderover mfrac mroot".split())
_LIMITS: Final = frozenset({"lim", "max", "min", "sup", "inf"})
# Delimiters that the converter leaves as commands after \bigl and the like.
_DELIMITERS: Final = {
    r"\langle": "⟨",
    r"\rangle": "⟩",
    r"\lfloor": "⌊",
    r"\rfloor": "⌋",
    r"\lceil": "⌈",
    r"\rceil": "⌉",
    r"\{": "{",
    r"\}": "}",
}
_ESCAPED: Final = re.compile(r"\\([%#&_$])")
_BARS: Final = frozenset("|‖")
_CLOSING: Final = {")": "(", "]": "[", "}": "{", "⟩": "⟨", "|": "|", "‖": "‖"}
_ENDS: Final = frozenset(")]}⟩⌋⌉!")
_GAPS: Final = frozenset({"mspace", "mtable", "cell-end"})
_PRIMES: Final = frozenset("′″‴⁗")
_ACCENTS: Final = frozenset("˙¨^ˆ~˜¯ˉ‾→ˇ˘´`˚")
_VALUE: Final = re.compile(r"[\w.%+\- ]{1,64}")
# latex2mathml writes its symbols as references, in the middle of plain text.
_REFERENCE: Final = re.compile(r"&#x([0-9A-Fa-f]{1,6});")
_INLINE: Final = re.compile(r"\$([^$\n]+)\$|`([^`\n]+)`")
_TEXT: Final = re.compile(r"\\(?:text|mbox|mathrm|textrm)\s*\{[^{}]*\}")
_LONGEST: Final = 20_000


@lru_cache(maxsize=4096)
def math(latex: str, *, display: bool = False) -> Markup:
    """A formula as a `math` element, or as LaTeX in a `code` element where it cannot be converted."""
    element = _element(latex, display=display)
    if element is None:
        return Markup('<code class="latex">{}</code>').format(latex)
    # The tree holds listed elements and attributes only, and `tostring` escapes every text and value in it.
    return Markup(tostring(element, encoding="unicode"))


def statement(text: str) -> Markup:
    """A statement: words with $formulas$ where it has dollar signs, else one displayed formula."""
    if "$" in _TEXT.sub("", text).replace(r"\$", ""):
        return prose(text)
    return math(text, display=True)


def prose(text: str) -> Markup:
    """Plain text with $formulas$ and `code` in it, its indices lowered; everything else is escaped."""
    done = Markup("")
    at = 0
    for found in _INLINE.finditer(text):
        done += _words(text[at : found.start()])
        formula, code = found.groups()
        done += math(formula) if formula is not None else Markup("<code>{}</code>").format(code)
        at = found.end()
    return done + _words(text[at:])


def _words(text: str) -> Markup:
    shapes = {"text": "{}", "sub": "<sub>{}</sub>", "super": "<sup>{}</sup>"}
    return Markup("").join(Markup(shapes[kind]).format(piece) for kind, piece in pieces(text))


def _element(latex: str, *, display: bool) -> Element | None:
    if not latex.strip() or len(latex) > _LONGEST or not "".join(latex.split()).isprintable():
        return None
    try:
        raw = convert_to_element(latex, display="block" if display else "inline")
        clean = _clean(raw)
    except Exception:
        # The converter promises no particular exceptions (IndexError and RecursionError are among them), and a
        # formula that cannot be set must not cost the reader the page.
        return None
    if clean is None:
        return None
    clean.set("display", "block" if display else "inline")
    clean.set("alttext", " ".join(latex.split()))
    return clean


def _clean(raw: Element) -> Element | None:
    """The same element with listed attributes, or None where it holds something that is not understood."""
    if raw.tag not in _ELEMENTS:
        return None
    text = _symbols(raw.text)
    if raw.tag == "mtext":
        text = _ESCAPED.sub(r"\1", text)
    elif raw.tag == "mo":
        text = _DELIMITERS.get(text, text)
    if "\\" in text:
        return None  # a command that the converter did not know
    clean = Element(_tag(raw, text))
    for name, value in raw.attrib.items():
        if name in _ATTRIBUTES and _VALUE.fullmatch(value):
            clean.set(name, value)
    if clean.tag == "mo" and text in _LIMITS:
        clean.attrib |= {"movablelimits": "true", "lspace": "0", "rspace": "0.167em"}
    elif clean.tag == "mo" and text in _BARS:
        # A bar that is not said to stretch would grow with whatever stands in its line.
        clean.attrib |= {"lspace": "0.05em", "rspace": "0.05em"} | {
            "stretchy": clean.get("stretchy", "false")
        }
    if raw.get("columnalign") in ("left", "right"):
        # Browsers align the cells of formulas by style sheet only.
        clean.set("class", str(raw.get("columnalign")))
    if raw.tag == "mi" and len(text) == 1 and text.isascii() and text != raw.text:
        # An upright letter, as in \mathrm{d}: a browser would set a single letter in italics.
        clean.set("mathvariant", "normal")
    clean.text = text or None
    if raw.tag == "mover" and len(raw) == 2 and _symbols(raw[1].text) in _ACCENTS:
        clean.set("accent", "true")
    children: list[Element] = []
    for child in raw:
        done = _clean(child)
        if done is None:
            return None
        if _is_newline(child):
            done.set("linebreak", "newline")
        if child.tag == "mi" and child.text == "&":
            done = Element("cell-end")
        if raw.tag not in _PLACED and _is_apart(children, done):
            children.append(Element("mspace", {"width": "0.167em"}))
        if not _take_in(children, done):
            children.append(done)
    clean.extend(_in_rows(children))
    return _with_prime(clean)


def _take_in(children: list[Element], scripted: Element) -> bool:
    r"""Move what stands from the opening of \Bigl(…\Bigr)^2 on into the base of its index, if this is one. A browser
    stretches no bracket that has an index of its own."""
    if scripted.tag not in ("msub", "msup", "msubsup") or not _is_sized(scripted[0]):
        return False
    closing = scripted[0]
    opening, depth = _CLOSING.get(closing.text or ""), 0
    for place in range(len(children) - 1, -1, -1):
        one = children[place]
        if one.tag == "cell-end" or _is_newline(one):
            return False
        if not _is_sized(one):
            continue
        if one.text == closing.text and opening != closing.text:
            depth += 1
        elif one.text == opening and depth:
            depth -= 1
        elif one.text == opening:
            base = Element("mrow")
            base.extend([*children[place:], closing])
            scripted[0] = base
            children[place:] = [scripted]
            return True
    return False


def _is_sized(element: Element) -> bool:
    r"""A delimiter of a given size, as of \Bigl."""
    return element.tag == "mo" and element.get("minsize") is not None


def _with_prime(element: Element) -> Element:
    """A prime beside its base, at full size: it is a raised sign already, and fonts differ in what they raise twice."""
    if element.tag != "msup" or len(element) != 2 or not set(element[1].text or " ") <= _PRIMES:
        return element
    beside = Element("mrow")
    prime = Element("mo", {"lspace": "0", "rspace": "0"})
    prime.text = element[1].text
    beside.extend([element[0], prime])
    return beside


def _symbols(text: str | None) -> str:
    return _REFERENCE.sub(lambda found: chr(int(found[1], 16)), text or "")


def _tag(raw: Element, text: str) -> str:
    """The element to use: limits go below their operator, and other named functions are no operators, which would
    be set with gaps on both sides."""
    if raw.tag == "msub" and len(raw) and raw[0].tag == "mo" and raw[0].text in _LIMITS:
        return "munder"
    if raw.tag == "mo" and _is_word(text) and text not in _LIMITS:
        return "mi"
    return raw.tag


def _is_word(text: str) -> bool:
    return len(text) > 1 and text.isascii() and text.isalpha()


def _is_function(element: Element) -> bool:
    """sin, max, DataMean and so on, with or without an index or a limit below."""
    if element.tag in ("msub", "msup", "msubsup", "munder", "munderover") and len(element):
        return _is_function(element[0])
    return element.tag == "mi" and _is_word(element.text or "")


def _is_apart(before: list[Element], element: Element) -> bool:
    """A thin space goes before this: it follows a name of a function, or is one and follows a factor."""
    if not before or element.tag in _GAPS:
        return False
    if _is_function(before[-1]) and element.tag != "mo":
        return True
    return (_is_function(element) or _has_limits(element)) and _ends_factor(before)


def _has_limits(element: Element) -> bool:
    """max, lim and so on, with or without what stands below."""
    if element.tag in ("munder", "munderover") and len(element):
        return _has_limits(element[0])
    return element.tag == "mo" and element.text in _LIMITS


def _ends_factor(elements: list[Element]) -> bool:
    """The last of these is a letter, a number, a fraction and so on, or the closing bracket or bar of more."""
    last = elements[-1]
    if last.tag != "mo":
        return last.tag not in _GAPS
    if last.text in _BARS:
        return sum(one.tag == "mo" and one.text == last.text for one in elements) % 2 == 0
    return last.text in _ENDS


def _is_newline(element: Element) -> bool:
    return element.tag == "mspace" and element.get("linebreak") == "newline"


def _in_rows(children: list[Element]) -> Iterable[Element]:
    r"""Lines that end with \\, and cells that end with &, as the rows and cells of a table.

    Browsers do not break lines inside formulas, and the converter knows no aligned environment.
    """
    if not any(_is_newline(child) or child.tag == "cell-end" for child in children):
        return children
    table = Element("mtable", {"class": "lines", "displaystyle": "true"})
    cell, column = SubElement(SubElement(table, "mtr"), "mtd"), 0
    aligned = any(child.tag == "cell-end" for child in children)
    cell.set("class", "right" if aligned else "left")
    for child in children:
        if _is_newline(child):
            cell, column = SubElement(SubElement(table, "mtr"), "mtd"), 0
            cell.set("class", "right" if aligned else "left")
        elif child.tag == "cell-end":
            column += 1
            cell = SubElement(table[-1], "mtd", {"class": "left" if column % 2 else "right"})
        else:
            cell.append(child)
    return [table]
