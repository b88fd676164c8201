"""Loads the compiled kernels when they are first wanted, or says why there are none."""

from __future__ import annotations

import importlib
import os
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from numerics.whole_file import try_folder

_MODULES = ("numerics.kernels.compiled", "numerics.kernels.compiled_step")


@dataclass(frozen=True)
class Compiled:
    """``module`` has the kernels and ``stepping`` the compiled step; None where they cannot be had.

    ``message`` says why, or how they were.

    ``seconds`` is what loading took: seconds of compilation the first time, milliseconds from the cache later.
    """

    module: ModuleType | None
    seconds: float
    message: str
    stepping: ModuleType | None = None


def loaded() -> Compiled | None:
    """The compiled kernels if this process has loaded them; None if it has not."""
    return load() if load.cache_info().currsize else None


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
            for name in _MODULES:
                sys.modules.pop(name, None)
            try:
                module, stepping = map(importlib.import_module, _MODULES)
                _try_out(module)
                _try_step(stepping)
            except Exception as error:  # whatever a compiler or a damaged cache comes up with
                problem = f"{type(error).__name__}: {error}".splitlines()[0]
            else:
                seconds = time.perf_counter() - began
                kept = f"kept in {folder}" if folder else "not kept"
                return Compiled(module, seconds, f"loaded in {seconds:.2g} s, machine code {kept}", stepping)
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
        try_folder(folder)
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


def _try_step(module: ModuleType) -> None:
    """One step of da/dt = w (1 − P), dw/dt = a (1 − P), which is σ(u) = u at x = ±1: P stays at 1."""
    y = np.array([1.0, 1.0])
    one, slopes, new = np.ones(1), np.zeros((16, 2)), np.empty(2)
    series = (one, one, np.array([0.0, np.inf]), 1.0, np.ones((1, 1)), one, one, np.empty((6, module.BLOCK)))
    tableau = np.ones((12, 12)), np.ones(12), np.ones(13), np.ones(13)
    code, _, _, _, attempts = module.step(0.0, 1.0, 0.5, y, slopes[:13], *tableau, 1e-6, 1e-6, new, *series)
    dense = (np.ones((3, 16)), np.ones((4, 16)), np.zeros((7, 2)))
    module.interpolant(0.5, y, new, slopes, *dense, *series)
    drift, times, states = np.ones(2), np.empty(2), np.empty((2, 2))
    known = module.moment_drift(y, *series, drift)
    made, _, _, _ = module.several_steps(
        0.0,
        1.0,
        0.5,
        y,
        slopes,
        *tableau,
        1e-6,
        1e-6,
        *dense[:2],
        times,
        states,
        np.zeros((2, 7, 2)),
        *series,
    )
    if (code, attempts, known, made) != (module.DONE, 1, True, 2) or not (
        np.array_equal(new, y) and np.array_equal(states, [y, y]) and not np.any(drift)
    ):
        raise ArithmeticError("the compiled step gives a wrong result")
