"""Panels of evidence in print: the drawing of the page in the colours of paper, complete in itself.

A page's drawing takes its colours and its typeface from the page. Here they are put in: the light colours of the style
sheet, and Matplotlib's own typeface, by which the drawing was laid out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, fromstring, tostring

from verify.report.figure import Key, draw

_HERE: Final = Path(__file__).resolve().parent
_VARIABLE: Final = re.compile(r"var\(--([a-z0-9-]+)\)")
_DEFINED: Final = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{3,8})\s*;")
_SIGN: Final = re.compile(r"<span\b[^>]*color:\s*([^\";]+)[^>]*>([^<]{1,4})</span>")
_NAMESPACE: Final = "http://www.w3.org/2000/svg"

#: The typeface of the drawings' texts.
TYPEFACE: Final = "DejaVu Sans"


@dataclass(frozen=True)
class PrintedKey:
    """One line of a legend: a sample of the line as a drawing, or a sign in a colour; `kind` is its look in words."""

    label: str
    kind: str
    swatch: str
    sign: str
    colour: str


@dataclass(frozen=True)
class PrintedPanel:
    """A panel with its legend; `svg` is a whole file, `description` says what it shows."""

    title: str
    svg: str
    description: str
    keys: tuple[PrintedKey, ...]


def typeface_folder() -> Path:
    """The folder of the typeface that drawings are set in."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


def print_panel(panel: Mapping[str, Any], name: str) -> PrintedPanel:
    """Draw one panel for paper. Raises PanelError where the panel is malformed."""
    drawn = draw(panel, name)
    root = fromstring(_coloured(str(drawn.svg)))
    description = next((one.text or "" for one in root if one.tag == "desc"), "")
    return PrintedPanel(drawn.title, _file(root), description, tuple(_key(key) for key in drawn.keys))


def _key(key: Key) -> PrintedKey:
    sample = _coloured(str(key.swatch))
    sign = _SIGN.search(sample)
    if sign is not None:
        return PrintedKey(key.label, key.kind, "", sign[2], sign[1].strip())
    start = sample.find("<svg")
    return PrintedKey(key.label, key.kind, _file(fromstring(sample)) if start == 0 else "", "", "#000000")


def _file(root: Element) -> str:
    """The drawing as a file: with its name space, its size and its typeface."""
    root.set("xmlns", _NAMESPACE)
    root.set("font-family", TYPEFACE)
    box = root.get("viewBox", "").split()
    if len(box) == 4:
        root.attrib |= {"width": box[2], "height": box[3]}
    return tostring(root, encoding="unicode")


def _coloured(drawing: str) -> str:
    """The drawing with the colours of the light page; what the style sheet does not name is black."""
    light = _light()
    return _VARIABLE.sub(lambda found: light.get(found[1], "#000000"), drawing)


@cache
def _light() -> Mapping[str, str]:
    """The colours of the light page: of several definitions the first is the one without a condition."""
    found: dict[str, str] = {}
    for sheet in sorted(_HERE.rglob("*.css")):
        for name, colour in _DEFINED.findall(sheet.read_text(encoding="utf-8")):
            found.setdefault(name, colour)
    return found
