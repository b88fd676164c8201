"""What the tests in a real browser share: reports in folders, a Chromium driven by Playwright, a tab of it.

Without a Chromium on the machine there is nothing to open the pages with, and these tests say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_samples import (
    CHROMIUM,
    Tab,
    made_by_hand,
    of_many_claims,
)

from verify.report import write_html

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report with a space & #1")
    write_html(made_by_hand(), made)
    return made


@pytest.fixture(scope="module")
def large_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("large")
    write_html(of_many_claims(), made)
    return made


THEORY = """
import sympy as sp
from theory import Derivation, P
from verify import Paper

paper = Paper("Early training")
x = sp.Symbol("x", real=True)
paper.identity("logistic", lambda: Derivation(1).logistic[P], 2 * P * (1 - P), title="Logistic equation")
bound = sp.Le(2 * x * (1 - x), sp.Rational(1, 2))
paper.inequality("below", bound, over={x: (0, 1)}, uses=("logistic",), title="Bound")
"""


@pytest.fixture(scope="module")
def real_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `lemmata verify` writes."""
    place = tmp_path_factory.mktemp("run")
    (place / "early.py").write_text(THEORY, encoding="utf-8")
    command = [sys.executable, "-m", "verify", "verify", "early.py", "--jobs", "1", "--out", "results"]
    environment = os.environ | {
        "LEMMATA_CACHE": str(place / "cache"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=place)
    return place / "results"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any, folder: Path, request: pytest.FixtureRequest) -> Iterator[Tab]:
    made = Tab(browser, folder, **getattr(request, "param", {}))
    yield made
    made.context.close()
    made.check_quiet()
