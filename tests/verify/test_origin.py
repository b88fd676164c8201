"""Where the three packages come from: each kind of stranger is made here, in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import verify.origin
from verify.origin import check_origin

OURS = Path(verify.origin.__file__).parents[1]
SCRIPT = (
    "import verify.origin as o\ntry: o.check_origin()\nexcept ValueError as e: print(type(e).__name__, e)"
)


def run(*path: Path) -> str:
    """What the check says with these folders first on the import path."""
    code = f"import sys; sys.path[:0] = {[str(one) for one in path]!r}\n{SCRIPT}"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_this_checkout_is_sound() -> None:
    check_origin()
    assert run(OURS) == ""


def test_a_package_of_the_same_name_that_comes_first(tmp_path: Path) -> None:
    (tmp_path / "numerics").mkdir()
    (tmp_path / "numerics" / "__init__.py").touch()
    said = run(tmp_path, OURS)
    assert said.startswith("OriginError the package 'numerics' would be imported from")
    assert str(tmp_path / "numerics") in said
    assert said.count("\n") == 1


def test_a_module_of_the_same_name_that_comes_first(tmp_path: Path) -> None:
    (tmp_path / "theory.py").touch()
    assert str(tmp_path / "theory.py") in run(tmp_path, OURS)


def strangers(tmp_path: Path, *packages: str) -> Path:
    """A folder with our `verify` as far as the check needs it, and empty packages."""
    for name in (*packages, "verify"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    shutil.copy(verify.origin.__file__, tmp_path / "verify" / "origin.py")
    return tmp_path


def test_a_package_that_was_overwritten(tmp_path: Path) -> None:
    said = run(strangers(tmp_path, "theory", "numerics"))
    assert "is not lemmata's (it has no errors.py)" in said


def test_a_package_that_is_missing(tmp_path: Path) -> None:
    # Without -S, an installed copy of this project would supply what is missing.
    folder = strangers(tmp_path, "numerics")
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\n{SCRIPT}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert "the package 'theory' of lemmata is missing" in done.stdout
