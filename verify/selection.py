"""Which claims are meant: from what a user names (claims, a paper, files) to claims that a worker can load
again."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from verify.claim import Claim, PaperError
from verify.load import BUILT_IN, PaperSource
from verify.paper import Paper


@dataclass(frozen=True)
class Selected:
    """A claim, its paper and where that paper is loaded from."""

    source: PaperSource
    paper: Paper
    claim: Claim


def select(names: Sequence[str] = (), paper: str | None = None) -> tuple[Selected, ...]:
    """The claims that are named, in the order of their papers, each once.

    A name that ends in ".py" is a user's file and takes the place of the built-in papers; the others are
    claim ids, in full ("multistage.eq7") or without the paper where that is unambiguous ("eq7"). What is no claim but
    an entry of a paper's map stands for the claims that look at it, and a paper's name for all of its own. Without ids,
    all claims of the files, of the built-in `paper`, or of all built-in papers. PaperError for a name that
    fits nothing, with the closest that would.
    """
    files = [name for name in names if _is_file(name)]
    ids = [name for name in names if not _is_file(name)]
    if files and paper is not None:
        raise PaperError("a file and --paper exclude each other: a file brings its own paper.")
    if files:
        sources = list(dict.fromkeys(PaperSource.file(file) for file in files))
    elif paper is not None:
        if paper not in BUILT_IN:
            raise PaperError(f"there is no built-in paper {paper!r}{_close(paper, list(BUILT_IN))}")
        sources = [PaperSource.built_in(paper)]
    else:
        sources = [PaperSource.built_in(name) for name in BUILT_IN]
    pool: list[Selected] = []
    for source in sources:
        loaded = source.load()
        if any(loaded.name == earlier.paper.name for earlier in pool):
            raise PaperError(
                f"two of the files have a paper with the name {loaded.name!r}; give one another title."
            )
        pool.extend(Selected(source, loaded, claim) for claim in loaded)
    if not pool:
        empty = ", ".join(source.place for source in sources)
        raise PaperError(f"there is no claim to check: the paper of {empty} is empty.")
    if not ids:
        return tuple(pool)
    wanted = {full for id in ids for full in _resolve(id, pool)}
    return tuple(one for one in pool if one.claim.full_id in wanted)


def _is_file(name: str) -> bool:
    return name.endswith(".py") or os.sep in name


def _resolve(id: str, pool: Sequence[Selected]) -> list[str]:
    """The full ids that are meant. PaperError when there are none, or those of more than one paper."""
    full = [one.claim.full_id for one in pool]
    if id in full:
        return [id]
    fits = [one.claim.full_id for one in pool if one.claim.id == id]
    if len(fits) == 1:
        return fits
    if fits:
        raise PaperError(f"{id!r} is in more than one paper; write {' or '.join(fits)}.")
    papers = {one.paper.name: one.paper for one in pool}
    entries = {
        f"{name}.{entry.id}": entry
        for name, paper in papers.items()
        for entry in paper.entries
        if id in (entry.id, f"{name}.{entry.id}")
    }
    if len(entries) > 1:
        raise PaperError(f"{id!r} is in more than one paper; write {' or '.join(entries)}.")
    for name, entry in entries.items():
        if not entry.claims:
            raise PaperError(f"no claim looks at {name}: {entry.reach}")
        return [f"{name.removesuffix(entry.id)}{claim}" for claim in entry.claims]
    if id in papers:
        return [one for one in full if one.startswith(f"{id}.")]
    within = "" if set(papers) == set(BUILT_IN) else f" in {' or '.join(papers)}"
    raise PaperError(
        f"there is no claim {id!r}{within}{_close(id, [*full, *(one.claim.id for one in pool)])}"
    )


def _close(name: str, known: Sequence[str]) -> str:
    """The end of a sentence that says what is there instead."""
    close = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    return "; `lemmata list` shows what there is." if len(known) > 3 else f"; there is {', '.join(known)}."
