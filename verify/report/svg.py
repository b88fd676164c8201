"""A drawing by Matplotlib as part of a page: its colours follow the page's, its names clash with nothing."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, fromstring, tostring

from markupsafe import Markup

# Colours to draw with, which stand for variables of the page's style sheet. They occur nowhere else.
INK: Final = "#0a0b01"
MUTED: Final = "#0a0b02"
GRID: Final = "#0a0b03"
PAPER: Final = "#0a0b04"
SERIES: Final = tuple(f"#0a0c{number:02x}" for number in range(1, 7))
# Steps from low to high, and from below a centre to above it; an odd number has a step of its own at the centre.
SEQUENTIAL: Final = tuple(f"#0a0d{number:02x}" for number in range(1, 17))
DIVERGING: Final = tuple(f"#0a0e{number:02x}" for number in range(1, 18))

_VARIABLES: Final = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--line)",
    PAPER: "var(--paper)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)},
    **{colour: f"var(--heat-{number})" for number, colour in enumerate(SEQUENTIAL, 1)},
    **{colour: f"var(--pole-{number})" for number, colour in enumerate(DIVERGING, 1)},
}
_COLOUR: Final = re.compile(r"#0a0[b-e][0-9a-f]{2}")
_TYPEFACE: Final = re.compile(r"font-family: [^;]*;? ?")
_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_ELEMENTS: Final = frozenset("svg g defs clipPath path rect use text tspan".split())
_NUMERIC: Final = frozenset({"d", "x", "y", "width", "height", "transform"})
_DROPPED: Final = frozenset({"metadata", "style"})


def clean(drawing: str, name: str, title: str, description: str) -> Markup:
    """The drawing as an inline `svg` element that scales with its column and is announced by title and description.

    name: unique in the page; ids within the drawing begin with it.
    """
    # The text is Matplotlib's own output, so nothing in it needs guarding against but the texts it was given,
    # and those are escaped in it.
    raw = fromstring(drawing)
    root = _copied(raw)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    _rename_ids(root, name)
    heading = Element("title", {"id": f"{name}-title"})
    heading.text = title
    longer = Element("desc", {"id": f"{name}-desc"})
    longer.text = description
    root[:0] = [heading, longer]
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-desc"}
    return Markup(tostring(root, encoding="unicode", short_empty_elements=True))


def _copied(raw: Element) -> Element:
    """The element without XML namespaces, which HTML does not have, and without what would leak into the page."""
    copy = Element(_local(raw.tag))
    for name, value in raw.attrib.items():
        key = _local(name)
        if key == "style":
            value = _restyled(value)
        elif key in _NUMERIC:
            value = _rounded(value)
        copy.set(key, value)
    if copy.tag in ("text", "tspan"):
        copy.text = raw.text
        copy.tail = raw.tail if copy.tag == "tspan" else None
    for child in raw:
        tag = _local(child.tag)
        if tag in _DROPPED:
            continue
        if tag not in _ELEMENTS:
            raise ValueError(f"a drawing holds an element <{tag}> that was not expected")
        inner = _copied(child)
        # A group that says nothing is its contents.
        copy.extend(inner if inner.tag == "g" and not set(inner.attrib) - {"id"} else [inner])
    return copy


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _restyled(style: str) -> str:
    # The page's own colours and typeface.
    return _TYPEFACE.sub("", _COLOUR.sub(lambda found: _VARIABLES.get(found[0], found[0]), style))


def _rounded(numbers: str) -> str:
    """Hundredths of a unit are finer than any screen shows."""
    return _NUMBER.sub(lambda found: f"{float(found[0]):.2f}", " ".join(numbers.split()))


def _rename_ids(root: Element, name: str) -> None:
    """Keep the ids that something in the drawing refers to, in the order in which they come; drop the others."""
    used = set()
    for element in root.iter():
        if element.get("href", "").startswith("#"):
            used.add(element.get("href", "")[1:])
        used |= set(re.findall(r"url\(#([^)]+)\)", element.get("clip-path", "")))
    renamed: dict[str, str] = {}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old is not None and old in used:
            renamed[old] = f"{name}-{len(renamed) + 1}"
            element.set("id", renamed[old])
    for element in root.iter():
        if "href" in element.attrib:
            element.set("href", f"#{renamed[element.get('href', '')[1:]]}")
        if "clip-path" in element.attrib:
            element.set(
                "clip-path", re.sub(r"#([^)]+)", lambda m: f"#{renamed[m[1]]}", element.get("clip-path", ""))
            )
