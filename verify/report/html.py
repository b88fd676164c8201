"""The report as one page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final, TypeGuard

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from numerics.whole_file import write_whole
from verify.evidence import METHODS, Verdict
from verify.report.figure import Panel, draw
from verify.report.mathml import prose, statement
from verify.report.panel import PanelError
from verify.report.reading import ClaimView, EvidenceBlock, Reading, ReportError, read
from verify.report.steps import steps_of

_HERE: Final = Path(__file__).resolve().parent

_VERDICT_MEANING: Final[Mapping[str, str]] = {
    Verdict.PROVED.value: "An exact method showed the statement to be true, for everything it speaks about.",
    Verdict.SUPPORTED.value: "Experiments that could have contradicted the statement agree with it. "
    "This is not a proof.",
    Verdict.REFUTED.value: "The statement is false as it is written: there is a counterexample, or the measured "
    "value lies outside the stated range.",
    Verdict.UNDECIDED.value: "The method could not tell within its budget.",
    Verdict.ERROR.value: "The check itself failed. This says nothing about the statement.",
}
_METHOD_MEANING: Final[Mapping[str, str]] = {
    "symbolic": "exact computer algebra, in a class of expressions where zero can be decided",
    "enclosure": "ball arithmetic over the whole stated set, with every rounding accounted for",
    "smt": "a solver's answer over the real numbers",
    "search": "property-based search for a counterexample among many cases",
    "scaling": "a fitted exponent or limit against a stated interval",
    "statistical": "a confidence bound on a probability",
    "simulation": "the full network against the prediction, within an estimated error",
}
_BASIS_MEANING: Final[Mapping[str, str]] = {
    "text": "read off the paper's text",
    "derived": "calculated from the model",
    "chosen": "a choice made here where the paper leaves one open",
}


@dataclass(frozen=True)
class Table:
    """A table of evidence: `numeric` says which columns hold numbers only."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numeric: tuple[bool, ...]


def write_html(results: Mapping[str, Any], folder: str | os.PathLike[str]) -> Path:
    """Write index.html into `folder` (made if need be) and return its path.

    results: what results.json holds. Raises ReportError where it is not a results document, OSError where the page
    cannot be written. A page that is there is replaced by a whole one or not at all.
    """
    page = render_html(results)
    target = Path(folder) / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = page.encode("utf-8", errors="backslashreplace")
    write_whole(target, lambda stream: stream.write(text))
    return target


def render_html(results: Mapping[str, Any]) -> str:
    """The page as text. Raises ReportError where `results` is not a results document."""
    reading = read(results)
    figures = count(1)

    def panels(evidence: EvidenceBlock) -> list[Panel | str]:
        return list(_panels(evidence, figures))

    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            reading=reading,
            title=_title(reading),
            style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
            verdict_meaning=_VERDICT_MEANING,
            methods={name: _METHOD_MEANING.get(name, "") for name in METHODS},
            basis_meaning=_BASIS_MEANING,
            panels=panels,
        )
    )


@cache
def _environment() -> Environment:
    # Every value is escaped unless the code below has made it Markup; a name that is not there is an error.
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "prose": prose,
        "statement": statement,
        "duration": _duration,
        "moment": _moment,
        "cell": _cell,
        "full": _full,
        "tables": _tables,
        "rest": _rest,
        "steps": steps_of,
        "command": _command,
    }
    return environment


def _title(reading: Reading) -> str:
    names = [paper.title for paper in reading.papers]
    return "Verification report" + (f": {names[0]}" if len(names) == 1 else "")


def _panels(evidence: EvidenceBlock, numbers: Iterator[int]) -> Iterator[Panel | str]:
    """The drawn panels; a text where one cannot be drawn, so that the rest of the page is still there."""
    figure = evidence.data.get("figure")
    if figure is None:
        return
    for panel in figure if isinstance(figure, list) else [figure]:
        try:
            yield draw(panel, f"figure-{next(numbers)}")
        except PanelError as error:
            yield f"A figure that belongs here could not be drawn: {error}."


def _tables(data: Mapping[str, Any]) -> list[Table]:
    """The tables among the data; what only looks like one is left to `_rest`."""
    found = data.get("table")
    return [_table(one) for one in (found if isinstance(found, list) else [found]) if _is_table(one)]


def _is_table(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return (
        isinstance(value, dict)
        and isinstance(value.get("columns"), list)
        and isinstance(value.get("rows"), list)
        and all(isinstance(row, list) and len(row) == len(value["columns"]) for row in value["rows"])
    )


def _table(value: Mapping[str, Any]) -> Table:
    columns = tuple(str(one) for one in value["columns"])
    rows = tuple(tuple(row) for row in value["rows"])
    numeric = tuple(
        bool(rows) and all(_is_number(row[i]) or row[i] is None for row in rows) for i in range(len(columns))
    )
    return Table(str(value.get("caption", "")), columns, rows, numeric)


def _rest(data: Mapping[str, Any]) -> str:
    """The data that are neither drawn nor tabulated, as JSON text; "" where there are none."""
    rest = {key: value for key, value in data.items() if key not in ("figure", "table", "derivation")}
    found = data.get("table")
    if found is not None and not all(
        _is_table(one) for one in (found if isinstance(found, list) else [found])
    ):
        rest["table"] = found
    if steps_of(data) is None:
        rest["derivation"] = data["derivation"]
    return json.dumps(rest, indent=1, ensure_ascii=False) if rest else ""


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cell(value: object) -> str:
    """A value as a table shows it: numbers to six figures."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, int):
        return str(value).replace("-", "−") if abs(value) < 10**15 else f"{value:.6e}"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _full(value: object) -> str:
    """All figures of a number that `_cell` shortens, else ""."""
    if not _is_number(value):
        return ""
    exact = repr(value)
    return "" if exact.replace("-", "−") == _cell(value) else exact


def _duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if not math.isfinite(seconds) or seconds < 0:
        return "an unknown time"
    if seconds < 0.1:
        return "under 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def _moment(stamp: str) -> str:
    """A time stamp as a person writes it; anything else as it is."""
    try:
        made = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    zone = " UTC" if made.utcoffset() == timedelta(0) else f" {made:%z}".rstrip()
    return f"{made.day} {made:%B %Y, %H:%M}{zone}"


def _command(claim: ClaimView) -> str:
    return f"lemmata verify {claim.id}"


__all__ = ["ReportError", "render_html", "write_html"]
