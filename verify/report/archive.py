"""Everything that a paper's supplement needs to be read and to be repeated, in one file whose bytes are reproducible.

What is in it: the results, the pages, the PDF, the LaTeX folder, the source of lemmata and of the user's own claims,
the locked versions, one command that repeats and compares, and the checksums of all of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from numerics.source import PACKAGES, PROJECT, imported, reachable, tree_of
from numerics.whole_file import write_whole
from verify.report.html import write_html
from verify.report.latex import latex_files
from verify.report.pdf import render_pdf
from verify.report.reading import ReportError

CHECKSUMS: Final = "SHA256SUMS"

#: Files of the project that belong to its source, beside the packages; an installed lemmata has none of them.
_PROJECT_FILES: Final = ("CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "pyproject.toml")
_LOCK: Final = "requirements.lock"
_SKIPPED: Final = frozenset({"__pycache__"})
_SOURCES: Final = "claims"

_REPEAT: Final = """\
#!/bin/sh
# Repeat the verification, and compare it with results.json. Exit status: 0 everything is the same, 1 something differs
# or a file is not as it was put into the archive, 2 it could not be tried, 3 not everything could be decided again.
# LEMMATA_PYTHON names an interpreter that has the libraries already; without it they are installed beside this file.
set -eu
cd "$(dirname "$0")"

changed=
if command -v sha256sum >/dev/null 2>&1; then
    changed=$(sha256sum -c SHA256SUMS 2>&1 | grep -v -e ': OK$' -e 'WARNING' || true)
    if [ -n "$changed" ]; then
        printf 'repeat: not as it was put into the archive: %s\\n' "$changed" >&2
    fi
fi

if [ -z "${LEMMATA_PYTHON:-}" ]; then
    if [ ! -e environment/complete ]; then
        echo 'repeat: installing the versions in requirements.lock (some minutes, once)' >&2
        rm -rf environment
        { "${PYTHON:-python3}" -m venv environment &&
            environment/bin/python -m pip --disable-pip-version-check install --quiet \\
                @HASHES@-r requirements.lock; } || exit 2
        : >environment/complete
    fi
    LEMMATA_PYTHON=environment/bin/python
fi
PYTHONPATH=$(pwd)/lemmata
export PYTHONPATH
status=0
"$LEMMATA_PYTHON" -m verify report results.json @FILES@--check "$@" || status=$?
if [ "$status" -eq 0 ] && [ -n "$changed" ]; then
    status=1
fi
exit "$status"
"""

_README: Final = """\
# Supplement: @TITLE@

Made with lemmata @VERSION@ on @MADE@, effort @EFFORT@, seed @SEED@: @COUNTS@.

To read, nothing has to be installed:

- `supplement.pdf`: what was checked, claim by claim, to be printed;
- `site/index.html`: the same as pages, with search and a graph; open it in a browser, no network is needed;
- `latex/`: the source of the supplement, for LaTeX (`make` in that folder);
- `results.json`: everything as data.

To repeat the verification and compare it with `results.json`, with Python 3.11 or newer:

    sh repeat.sh

It installs the versions in `requirements.lock` into a folder beside it (this needs the network, once), runs every check
again, and says claim by claim whether anything differs. Its exit status is 0 when everything is the same, 1 when
something differs, 2 when it could not be tried, and 3 when not everything could be decided again. Where the libraries
are there already, `LEMMATA_PYTHON=/path/to/python sh repeat.sh` uses them. Without a shell:

    python -m pip install @HASHES@-r requirements.lock
    python -m verify report results.json @FILES@--check

where `PYTHONPATH` is the folder `lemmata` here, which has the source of the version that made the results.

To check that no file was changed: `sha256sum -c SHA256SUMS` (`shasum -a 256 -c SHA256SUMS` on a Mac).
"""


def write_archive(
    results: Mapping[str, Any],
    file: str | os.PathLike[str],
    *,
    files: Sequence[Path] = (),
    include: Sequence[Path] = (),
) -> Path:
    """Write the archive and return its path.

    results: what results.json holds. files: the users' files whose claims are in it. include: further files or folders
    that those need, such as data; they are put beside them. ReportError where something does not fit together, OSError
    where a file cannot be read or written. The same input gives the same bytes.
    """
    target = Path(file)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", target.stem).strip("-.") or "supplement"
    for given in files:
        if target.exists() and target.samefile(given):
            raise ReportError(f"{given} is a file of these results; the archive needs another name.")
    contents = archive_files(results, files=files, include=include, without=target)
    sums = "".join(f"{hashlib.sha256(contents[path]).hexdigest()}  {path}\n" for path in sorted(contents))
    contents[CHECKSUMS] = sums.encode("utf-8")
    write_whole(target, lambda stream: stream.write(_zipped(name, contents)))
    return target


def archive_files(
    results: Mapping[str, Any],
    *,
    files: Sequence[Path] = (),
    include: Sequence[Path] = (),
    without: Path | None = None,
) -> dict[str, bytes]:
    """What the archive holds but for its checksums: path in it → content. ``without`` is left out of what is included:
    an earlier archive in the same place."""
    contents: dict[str, bytes] = {}
    names = _add_claims(contents, results, files)
    _add_included(contents, include, without)
    contents["results.json"] = (
        json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()
    contents["supplement.pdf"] = render_pdf(results)
    contents |= {f"latex/{path}": content for path, content in latex_files(results).items()}
    contents |= {f"site/{path}": content for path, content in _site(results)}
    contents |= {f"lemmata/{path}": content for path, content in _source()}
    lock, hashed = _lock()
    contents[_LOCK] = lock
    words = _words(results, names, hashed)
    contents["README.md"] = _filled(_README, words)
    contents["repeat.sh"] = _filled(_REPEAT, words)
    return contents


def _add_claims(contents: dict[str, bytes], results: Mapping[str, Any], files: Sequence[Path]) -> list[str]:
    """Put in the users' files and what they import beside them; the paths of the files in the archive."""
    names = []
    known = {one["file"]["name"]: one["file"]["sha256"] for one in results["papers"] if "file" in one}
    for file in files:
        content = file.read_bytes()
        if file.name in known and hashlib.sha256(content).hexdigest() != known[file.name]:
            raise ReportError(
                f"{file.name} has changed since these results were made of it; run lemmata verify again."
            )
        names.append(f"{_SOURCES}/{file.name}")
        for beside in (file, *_imported_beside(file)):
            _put(contents, beside.relative_to(file.parent), beside)
    return names


def _add_included(contents: dict[str, bytes], include: Sequence[Path], without: Path | None) -> None:
    """Put in the files and folders that were named, beside the users' files."""
    for given in include:
        if not given.exists():
            raise ReportError(f"there is no file {given} to put in.")
        # Of a folder without a name of its own (. or ..) the contents are put in.
        base = given if given.name in ("", "..") else given.parent
        for path in sorted(given.rglob("*")) if given.is_dir() else [given]:
            if not path.is_file() or _SKIPPED & set(path.parts):
                continue
            if without is None or not (without.exists() and path.samefile(without)):
                _put(contents, path.relative_to(base), path)


def _put(contents: dict[str, bytes], place: Path, file: Path) -> None:
    """One file beside the claims. ReportError where another one has its place."""
    name, content = f"{_SOURCES}/{place.as_posix()}", file.read_bytes()
    if contents.setdefault(name, content) != content:
        raise ReportError(
            f"two different files would be {name} in the archive; rename {file} or leave it out."
        )


def _imported_beside(file: Path) -> Iterator[Path]:
    """The modules beside a file that it imports, at any remove."""
    folder = file.resolve().parent
    found = reachable(list(imported(tree_of(file), "", False)), {"": folder})
    for path in sorted(set(found.values())):
        if path.resolve().is_relative_to(folder):
            yield file.parent / path.resolve().relative_to(folder)


def _site(results: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as made:
        write_html(results, Path(made))
        yield from _tree(Path(made))


def _source() -> Iterator[tuple[str, bytes]]:
    """The source of lemmata: its packages, and what a checkout has beside them."""
    for package in PACKAGES:
        for path, content in _tree(PROJECT / package):
            yield f"{package}/{path}", content
    if not (PROJECT / "pyproject.toml").is_file():
        # Installed from a package: what that says of itself.
        about = {"name": "lemmata", "version": metadata.version("lemmata"), "dependencies": _asked_for()}
        lines = [f"{key} = {json.dumps(value)}" for key, value in about.items()]
        yield "pyproject.toml", ("\n".join(["[project]", *lines]) + "\n").encode("utf-8")
        return
    for name in _PROJECT_FILES:
        if (PROJECT / name).is_file():
            yield name, (PROJECT / name).read_bytes()


def _tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _SKIPPED & set(path.parts) and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _lock() -> tuple[bytes, bool]:
    """The locked versions that running takes, and whether they have hashes: of the checkout's lock file what lemmata
    needs, else what is installed here."""
    needed = _needed()
    if (PROJECT / _LOCK).is_file():
        blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", (PROJECT / _LOCK).read_text(encoding="utf-8"))
        kept = [block for block in blocks if _normal(block) in needed]
        return "".join(kept).encode(), True
    pinned: dict[str, str] = {}
    for name in needed:
        with contextlib.suppress(metadata.PackageNotFoundError):  # for another system, or another Python
            pinned[name] = metadata.version(name)
    return "".join(f"{name}=={version}\n" for name, version in sorted(pinned.items())).encode(), False


def _needed() -> set[str]:
    """The names of all distributions that lemmata needs, at any remove, without what only an extra asks for."""
    found: set[str] = set()
    waiting = [one for one in _asked_for() if "extra ==" not in one]
    while waiting:
        name = _normal(waiting.pop())
        if name and name not in found:
            found.add(name)
            with contextlib.suppress(metadata.PackageNotFoundError):
                waiting += [one for one in metadata.requires(name) or [] if "extra ==" not in one]
    return found


def _asked_for() -> list[str]:
    project = PROJECT / "pyproject.toml"
    if project.is_file():
        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    return metadata.requires("lemmata") or []


def _normal(requirement: str) -> str:
    """The name that a requirement is about, as package indexes spell it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0]).lower() if name else ""


def _words(results: Mapping[str, Any], names: Sequence[str], hashed: bool) -> dict[str, str]:
    counts = [f"{number} {verdict}" for verdict, number in results["summary"].items() if number]
    titles = " ".join("; ".join(one["title"] for one in results["papers"]).split())
    return {
        "TITLE": titles or "no claims",
        "VERSION": str(results["versions"].get("lemmata", "")),
        "MADE": str(results["created"])[:10],
        "EFFORT": str(results["effort"]),
        "SEED": str(results["seed"]),
        "COUNTS": ", ".join(counts) or "no claims",
        "HASHES": "--require-hashes " if hashed else "",
        "FILES": "".join(f"{_quoted(name)} " for name in names),
    }


def _filled(text: str, words: Mapping[str, str]) -> bytes:
    # In one pass, so that nothing that is put in is taken for a place to put something.
    return re.sub(r"@([A-Z]+)@", lambda found: words.get(found[1], found[0]), text).encode("utf-8")


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9._/-]+", name) else "'" + name.replace("'", "'\\''") + "'"


def _zipped(name: str, contents: Mapping[str, bytes]) -> bytes:
    """A zip file with fixed dates and modes, sorted."""
    with tempfile.SpooledTemporaryFile(max_size=1 << 26) as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
            for path in sorted(contents):
                entry = zipfile.ZipInfo(f"{name}/{path}", date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3  # Unix, whatever this runs on: the mode below is one of its
                entry.external_attr = (0o100755 if path.endswith(".sh") else 0o100644) << 16
                made.writestr(entry, contents[path])
        stream.seek(0)
        return stream.read()
