"""Loads the compiled kernels when they are first wanted, or says why there are none."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

_MODULE = "numerics.kernels.compiled"


@dataclass(frozen=True)
class Compiled:
    """``module`` is None where the kernels cannot be had, and ``message`` says why.

    ``seconds`` is what loading took: seconds of compilation the first time, milliseconds from the cache later.
    """

    module: ModuleType | None
    seconds: float
    message: str


@lru_cache(maxsize=1)
def load() -> Compiled:
    """The compiled kernels; loaded once a process.

    numba keeps its machine code in NUMBA_CACHE_DIR, or in lemmata/numba of the user's cache folder; where
    that cannot be written or read, nothing is kept and nothing else changes.
    """
    began = time.perf_counter()
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError as error:
        return Compiled(None, 0.0, f"numba cannot be imported: {error}")
    # The setting is numba's own for the whole process; it is read as functions are decorated, then given back.
    before = numba.config.CACHE_DIR
    problem = ""
    try:
        for folder in dict.fromkeys([_cache_folder(before), ""]):
            numba.config.CACHE_DIR = folder
            sys.modules.pop(_MODULE, None)
            try:
                module = importlib.import_module(_MODULE)
                _try_out(module)
            except Exception as error:  # whatever a compiler or a damaged cache comes up with
                problem = f"{type(error).__name__}: {error}".splitlines()[0]
            else:
                seconds = time.perf_counter() - began
                kept = f"kept in {folder}" if folder else "not kept"
                return Compiled(module, seconds, f"loaded in {seconds:.2g} s, machine code {kept}")
    finally:
        numba.config.CACHE_DIR = before
    return Compiled(None, time.perf_counter() - began, f"numba cannot compile them: {problem}")


def _cache_folder(chosen: str) -> str:
    """A folder that can be written, or "": never the folder of the package."""
    if chosen:
        return chosen
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "lemmata" / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return ""
    return str(folder)


def _try_out(module: ModuleType) -> None:
    """Compile each kernel for the arrays it gets, and hold it against tanh 1 and 1/√2."""
    state, one = np.array([[1.0, 1.0], [1.0, 1.0]]), np.ones(2)
    x = np.array([[1.0], [2.0]])
    pull, drift = np.zeros(2), np.zeros((2, 2))
    for kind, value in ((0, np.tanh(x)), (1, x / np.sqrt(1 + x * x)), (2, np.tanh(x))):
        for rows in (0, 2):
            module.fused(kind, state, one, x, np.zeros(2), one, np.zeros((rows, 2)), pull, drift)
            if not np.allclose(pull, -2 * value[:, 0], rtol=1e-14, atol=0):
                raise ArithmeticError("a compiled kernel gives a wrong result")
