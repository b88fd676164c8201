"""The project as a whole: its lock file, its package and the examples in its README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
# Every requirement with the lines that continue it.
PINS = re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)((?:.*\\\n)*.*)$", LOCK, re.MULTILINE)


def normal(requirement: str) -> str:
    """The name that a requirement is about, as package indexes spell it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_the_lock_names_no_host_and_no_path() -> None:
    bare = re.sub(r"--hash=sha256:[0-9a-f]{64}", "", LOCK)
    assert "--" not in bare
    assert " @ " not in bare
    assert "://" not in bare
    assert not re.search(r"(^|[\s=])/\w", bare)


def test_every_pin_has_hashes() -> None:
    assert len(PINS) > 40
    assert [name for name, _, rest in PINS if "--hash=sha256:" not in rest] == []


def test_the_lock_holds_everything_that_is_asked_for() -> None:
    groups = PROJECT["dependency-groups"]
    asked = [*PROJECT["project"]["dependencies"], *groups["dev"], *groups["build"]]
    assert {normal(one) for one in asked} <= {normal(name) for name, _, _ in PINS}
    assert {normal(one) for one in PROJECT["build-system"]["requires"]} <= {
        normal(name) for name, _, _ in PINS
    }


def test_the_package_carries_its_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "verify/results.schema.json" in names
    # Whatever the report reads when it is made.
    report = ROOT / "verify" / "report"
    data = [path for path in report.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert {path.relative_to(ROOT).as_posix() for path in data} <= names
    assert "verify/report/vendor/viz/LICENSE.txt" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"theory", "numerics", "verify"}


def examples() -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M
    )


def run(arguments: list[str], folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LEMMATA_CACHE": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_comparison_in_the_readme(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(examples()[0], encoding="utf-8")
    said = run(["example.py"], tmp_path)
    assert "dP/dt = -2*Q*(P - 1)" in said
    numbers = re.search(r"dP/dt = ([0-9.]+) in the network, ([0-9.]+) by the theory", said)
    assert numbers is not None
    # At P = 1/2, Q is 1/2 as well, up to the part that the initial weights leave: the rate is 2·½·(1 − ½).
    assert float(numbers[1]) == pytest.approx(0.5, rel=0.02)
    assert float(numbers[2]) == pytest.approx(0.5, rel=0.02)


def test_the_claims_in_the_readme(tmp_path: Path) -> None:
    (tmp_path / "descent.py").write_text(examples()[1], encoding="utf-8")
    main = "import sys; from verify.cli import main; sys.exit(main())"
    said = run(["-c", main, "verify", "descent.py", "--out", "results"], tmp_path)
    assert "2 claims: 2 PROVED" in said
    assert (tmp_path / "results" / "index.html").is_file()
