"""The report as a folder of pages that opens from disk: no network, and no file but its own.

index.html          overview: counts, what is not as expected, all claims
papers/NAME.html    a paper: what it states and which claims look at it
claims/ID.html      a claim: statement, derivation, evidence, negative controls, how to repeat it
graph.html          what rests on what
data/*.csv          the numbers behind every figure
assets/             style, scripts, and the list of the files above (FILES)
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from numerics.whole_file import UNFINISHED
from verify.report.claim_pages import claim_pages
from verify.report.figure_data import FOLDER, figure_files
from verify.report.pages import graph_page, overview, paper_page
from verify.report.reading import ReportError, read
from verify.report.script_data import graph_data, search_index
from verify.report.views import Reading

#: Lists what the report wrote, so that the next one can take away what it no longer has.
FILES: Final = "assets/files.txt"

_HERE: Final = Path(__file__).resolve().parent
_SHIPPED: Final[Mapping[str, str]] = {
    "assets/page.css": "assets/page.css",
    "assets/report.js": "assets/report.js",
    "assets/graph.js": "assets/graph.js",
    "assets/viz/viz-global.js": "vendor/viz/viz-global.js",
    "assets/viz/LICENSE.txt": "vendor/viz/LICENSE.txt",
    "assets/viz/README.txt": "vendor/viz/README.txt",
}


def write_html(results: Mapping[str, Any], folder: str | os.PathLike[str]) -> Path:
    """Write the report into `folder` (made if need be) and return the path of its index.html.

    results: what results.json holds. Raises ReportError where it is not a results document, OSError where a page
    cannot be written. All pages are made before the first is written; each is then replaced by a whole one, and pages
    of an earlier report that this one does not have are removed. Nothing else in the folder is touched.
    """
    pages = render_site(results)
    target = Path(folder)
    before = _written_before(target)
    for name, content in pages.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not _holds(path, content):
            _replace(path, content)
    for name in before - set(pages):
        with contextlib.suppress(OSError):
            (target / name).unlink()
    return target / "index.html"


def render_site(results: Mapping[str, Any]) -> dict[str, bytes]:
    """All files of the report by their places in its folder, index.html last.

    Raises ReportError where `results` is not a results document.
    """
    reading = read(results)
    texts = dict(_pages(results, reading))
    files = {name: text.encode("utf-8", errors="backslashreplace") for name, text in texts.items()}
    files |= {f"{FOLDER}/{name}": content for name, content in figure_files(results)}
    files |= {name: (_HERE / place).read_bytes() for name, place in _SHIPPED.items()}
    index = files.pop("index.html")
    listed = "".join(f"{name}\n" for name in sorted([*files, FILES, "index.html"]))
    return {**files, FILES: listed.encode(), "index.html": index}


def _pages(results: Mapping[str, Any], reading: Reading) -> Iterator[tuple[str, str]]:
    yield from claim_pages(results, reading)
    for paper in reading.papers:
        yield paper.address, paper_page(reading, paper)
    yield "graph.html", graph_page(reading)
    yield "assets/search-index.js", search_index(reading)
    yield "assets/graph-data.js", graph_data(reading)
    yield "index.html", overview(reading)


def _written_before(folder: Path) -> set[str]:
    """What an earlier report wrote into its folders, as it listed it. What is no plain place in them is passed over."""
    try:
        listed = (folder / FILES).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    return {name for name in listed if _is_ours(PurePosixPath(name))}


def _is_ours(place: PurePosixPath) -> bool:
    return (
        len(place.parts) > 1
        and place.parts[0] in ("claims", "papers", "assets", FOLDER)
        and ".." not in place.parts
    )


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _replace(path: Path, content: bytes) -> None:
    """A reader sees the old page or the new one. Waiting for the disk hundreds of times would take longer than all
    else, and a page that a power cut spoils can be made again."""
    part = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


__all__ = ["ReportError", "render_site", "write_html"]
