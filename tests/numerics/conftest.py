"""Compiled kernels are switched on for a whole process; each test starts without them, in whatever order they run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from numerics.kernels.loading import load


@pytest.fixture(autouse=True)
def without_compiled_kernels() -> Iterator[None]:
    load.cache_clear()
    yield
    load.cache_clear()
