"""Are `theory`, `numerics` and `verify` the ones of this project?

Two unrelated distributions also install packages called `verify` and `numerics`. Where one of them comes first
on the import path, half of this project would meet half of another: better to say so at once.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Final

#: The packages, each with a file that only ours is sure to have.
_PACKAGES: Final = {"theory": "errors.py", "numerics": "errors.py", "verify": "origin.py"}


class OriginError(ValueError):
    """One of the three packages is missing or belongs to something else."""


def check_origin() -> None:
    """Raise OriginError unless all three packages lie in the folder that this file's package lies in.

    Nothing is imported, so the check costs next to nothing.
    """
    home = Path(__file__).resolve().parent.parent
    for name, known_file in _PACKAGES.items():
        folder = _folder(name)
        if folder is None:
            raise OriginError(
                f"the package {name!r} of lemmata is missing (looked for in {home}); install lemmata again."
            )
        if folder != home / name:
            raise OriginError(
                f"the package {name!r} would be imported from {folder}, but lemmata's own is {home / name}: "
                f"another distribution or folder of that name comes first; remove it, or give lemmata an "
                f"environment of its own."
            )
        if not (folder / known_file).is_file():
            raise OriginError(
                f"the package {name!r} in {folder} is not lemmata's (it has no {known_file}): another "
                f"distribution has overwritten it; install lemmata again, in an environment of its own."
            )


def _folder(name: str) -> Path | None:
    """The folder that `import name` would take, or has taken, the package from."""
    loaded = sys.modules.get(name)
    spec: ModuleSpec | None = getattr(loaded, "__spec__", None) or _found(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    # A single file `name.py`: not a package at all, so certainly not ours.
    return Path(spec.origin).resolve() if spec.origin else None


def _found(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except (ImportError, ValueError):
        return None
