"""Options that mean the same in every command."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from verify.commands.errors import UsageError
from verify.context import EFFORTS, LARGEST_SEED


def one_effort(value: str) -> str:
    """Callback of ``--effort``: the value as it is. UsageError for one that is no effort."""
    if value not in EFFORTS:
        raise UsageError(f"--effort {value}: it is one of {', '.join(EFFORTS[:-1])} and {EFFORTS[-1]}.")
    return value


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CLAIM|FILE.py",
        help="Claims (multistage.eq7, or eq7 where that is unambiguous), entries of a map, or your own files with "
        "a `paper`.",
        show_default=False,
    ),
]
PaperName = Annotated[
    str | None, typer.Option("--paper", metavar="NAME", help="Only the built-in paper of this name.")
]
EffortOption = Annotated[
    str, typer.Option("--effort", metavar="|".join(EFFORTS), callback=one_effort, help="How hard to try.")
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", min=1, metavar="N", help="Worker processes; by default one for each core."),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=0, max=LARGEST_SEED, metavar="N", help="The number all randomness comes from."
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Give a constant that was chosen another value, such as zeta=0.05; may be repeated.",
        show_default=False,
    ),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Check again what the cache already has.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout.")]


def print_json(document: Any) -> None:
    """One document on stdout, in ASCII so that any terminal or pipe takes it."""
    typer.echo(json.dumps(document, allow_nan=False))
