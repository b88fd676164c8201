"""Equations that need not be derived again: kept as JSON under the content of the theory that derived them.

Only what took longer to derive than reading takes is kept. An entry that is damaged, or that another version of the
theory, of SymPy or of Python wrote, is passed over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from verify.cache import default_folder, write_atomically
from verify.fingerprint import python_version, versions

if TYPE_CHECKING:
    import sympy as sp

    from theory import TaylorModel
    from theory.equations import Derived

_FORMAT: Final = "lemmata/derived/1"
_THEORY: Final = Path(__file__).resolve().parent.parent / "theory"

_MOST: Final = 200

WORTH_KEEPING: Final = 0.3
"""Seconds of deriving from which on an equation is kept."""


def derived(name: str, dim: int, taylor: TaylorModel, folder: Path | None = None) -> Derived:
    """The equation as `theory.equations.derive` gives it for symbolic data, from the cache where it is there.

    What comes from the cache has no definitions of its order parameters.
    """
    from theory import equations

    path = (default_folder() if folder is None else folder) / "derived" / f"{_key(name, dim, taylor)}.json"
    found = _read(path)
    if found is not None:
        return found
    start = time.perf_counter()
    made = equations.derive(name, dim, taylor)
    if time.perf_counter() - start >= WORTH_KEEPING:
        _write(path, made)
    return made


def _key(name: str, dim: int, taylor: TaylorModel) -> str:
    import sympy as sp

    digest = hashlib.sha256()
    for path in sorted(_THEORY.rglob("*.py")):
        digest.update(f"{path.relative_to(_THEORY).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    parameters = [
        name,
        dim,
        [sp.srepr(c) for c in taylor.coefficients],
        versions()["sympy"],
        python_version(),
    ]
    digest.update(json.dumps(parameters).encode())
    return digest.hexdigest()[:32]


def _read(path: Path) -> Derived | None:
    from theory import TheoryError

    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        content = entry["content"]
        if entry["format"] != _FORMAT or entry["sha256"] != _digest(content):
            return None
        return _rebuilt(content)
    except (OSError, ValueError, TypeError, KeyError, RecursionError, TheoryError):
        return None


def _write(path: Path, made: Derived) -> None:
    from theory import TheoryError

    # A cache that cannot be written, or an expression that has no form in a file, only means: slower next time.
    with contextlib.suppress(OSError, TheoryError, RecursionError):
        content = _content(made)
        path.parent.mkdir(parents=True, exist_ok=True)
        entry = {"format": _FORMAT, "sha256": _digest(content), "content": content}
        write_atomically(path, json.dumps(entry, separators=(",", ":")))
        _prune(path.parent)


def _prune(folder: Path) -> None:
    """Keep the newest entries only: what an older theory derived is never read again."""
    dated = sorted(folder.glob("*.json"), key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
    for path in dated[_MOST:]:
        path.unlink(missing_ok=True)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _content(made: Derived) -> dict[str, Any]:
    from theory import ParticleSystem, VectorField
    from theory.codegen.tree import encode
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap

    names: list[str] = []
    expressions: list[sp.Expr]
    if isinstance(made, ParticleSystem):
        kind, expressions = "particles", [*made.neuron.coordinates, *made.drift]
    elif isinstance(made, ParticleMap):
        kind, expressions = "particle-map", [*made.neuron.coordinates, *made.images]
    elif isinstance(made, VectorField):
        kind, expressions = "field", [*made.variables, *made.components]
    elif isinstance(made, IterationMap):
        kind, expressions = "map", [*made.variables, *made.images]
    else:
        kind, names, expressions = "formulas", [name for name, _ in made], [e for _, e in made]
    nodes, places = encode(expressions)
    return {"kind": kind, "names": names, "nodes": nodes, "places": places}


def _rebuilt(content: dict[str, Any]) -> Derived:
    from theory import Neuron, ParticleSystem, VectorField
    from theory.codegen.tree import decode
    from theory.gradient_descent import ParticleMap
    from theory.iteration import IterationMap

    expressions = decode(content["nodes"], content["places"])
    kind = content["kind"]
    if kind == "formulas":
        return tuple(zip(map(str, content["names"]), expressions, strict=True))
    half = len(expressions) // 2
    left, right = tuple(expressions[:half]), tuple(expressions[half:])
    if kind in ("particles", "particle-map"):
        neuron = Neuron(left[0].label, half - 1)
        if neuron.coordinates != left:
            raise ValueError("these are no coordinates of a neuron")
        return ParticleSystem(neuron, right) if kind == "particles" else ParticleMap(neuron, right)
    if kind == "field":
        return VectorField(left, right)
    if kind == "map":
        return IterationMap(left, right)
    raise ValueError("an unknown kind of equation")
