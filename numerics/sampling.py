"""Random initial weights that depend on one integer and on each neuron's own number, on nothing else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from numerics.array import FloatArray
from numerics.errors import InputError
from numerics.table import numbered_columns, read_table

_CHUNK = 2**12  # neurons drawn at once: what fits the cache
_WORDS_PER_BLOCK = 4  # a Philox-4x64 counter yields four 64-bit words


def standard_normals(seed: int, dim: int, start: int, count: int, *, stream: int = 0) -> FloatArray:
    """Standard normal numbers of neurons ``start`` … ``start + count − 1``, shape (count, 1 + dim).

    Neuron k owns its own range of counters of a Philox generator keyed by (seed, dim, stream), and one 64-bit
    word makes one normal number by inversion: so any split into batches gives the same numbers. ``stream`` below
    2**30 sets apart numbers of another kind, such as those of another layer.
    """
    from scipy.special import ndtri

    normal = np.empty((count, 1 + dim))
    blocks = -(-(1 + dim) // _WORDS_PER_BLOCK)
    generator = np.random.Philox(key=seed + (dim << 64) + (stream << 96), counter=start * blocks)
    for first in range(0, count, _CHUNK):
        part = normal[first : first + _CHUNK]
        words = generator.random_raw(len(part) * blocks * _WORDS_PER_BLOCK)
        words = words.reshape(len(part), blocks * _WORDS_PER_BLOCK)[:, : 1 + dim]
        # 52 bits and a half: the midpoints are exact doubles strictly between 0 and 1, symmetric about 1/2
        # (with 53 bits the largest would round to 1, whose normal quantile is infinite).
        ndtri(((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52, out=part)
    return normal


def initial_weights(
    seed: int,
    width: int,
    dim: int,
    scale: float,
    *,
    scale_a: float | None = None,
    start: int = 0,
    count: int | None = None,
) -> FloatArray:
    """Independent normal initial weights, shape (count, 1 + dim): columns a, w1, …, wd.

    ``scale`` is the standard deviation of every weight (``width ** -alpha`` in the paper), ``scale_a`` that
    of the outer weights a where it differs. ``start`` and ``count`` pick a batch of the ``width`` neurons.
    InputError for a seed outside [0, 2**64), a width or dimension below 1, a scale that is not positive
    and finite, or a batch outside the width.
    """
    if not 0 <= seed < 2**64:
        raise InputError(f"The seed is {seed}; it must be an integer from 0 to 2**64 - 1.")
    if width < 1:
        raise InputError(f"The width is {width}; a network needs at least one neuron.")
    if dim < 1:
        raise InputError(f"The dimension is {dim}; it must be at least 1.")
    outer = scale if scale_a is None else scale_a
    for value in (scale, outer):
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"The initialisation scale is {value}; it must be positive and finite.")
    size = width - start if count is None else count
    if start < 0 or size < 0 or start + size > width:
        raise InputError(f"Neurons {start} to {start + size - 1} are not within a network of width {width}.")
    state = standard_normals(seed, dim, start, size)
    state[:, 0] *= outer
    state[:, 1:] *= scale
    return state


def initial_from_csv(path: str | Path) -> FloatArray:
    """Initial weights from a file with columns a, w1, …, wd (any order), one neuron a row: (m, 1 + d)."""
    names, rows = read_table(path)
    return np.ascontiguousarray(rows[:, numbered_columns(Path(path), names, "a", "w")])
