"""The public surface: every name is there, and importing the package loads nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import numerics


def test_every_public_name_can_be_loaded():
    for name in numerics.__all__:
        assert getattr(numerics, name) is not None
    assert sorted(numerics.__all__) == list(numerics.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = numerics.no_such_name


def test_importing_the_package_is_light():
    code = (
        "import sys, numerics; print([n for n in ('numpy', 'scipy', 'sympy', 'theory') if n in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "[]"
