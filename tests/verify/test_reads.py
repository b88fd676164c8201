"""What a worker has read or looked for, and whether it is still as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verify import reads

#: Everything that a check may do to see a file, in a process of its own: watching cannot be undone.
LOOKING = """
import glob, importlib, json, os, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
from verify import reads

reads.watch()
Path("read.txt").read_text()
for missing in ("missing.txt", "nowhere/missing.txt"):
    try:
        open(missing)
    except FileNotFoundError:
        pass
try:
    os.listdir("no-folder")
except FileNotFoundError:
    pass
glob.glob("globbed/*.txt")
list(Path("iterated").iterdir())
[files for _, _, files in os.walk("walked")]
Path("link.txt").read_text()
Path("turn/../up.txt").read_text()
Path("as_text.py").read_text()
importlib.import_module("as_code")
importlib.import_module("as_both")
Path("as_both.py").read_bytes()
try:
    importlib.import_module("as_nothing")
except ImportError:
    pass
Path("written.txt").write_text("x")
os.path.getsize("asked.txt")
first = reads.so_far()
again = reads.so_far()
assert first == again, (first, again)
print(json.dumps(first))
"""


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder, and what was noted of it."""
    folder = tmp_path_factory.mktemp("looked") / "a folder"
    for name in ("globbed", "iterated", "walked", "elsewhere/deep"):
        (folder / name).mkdir(parents=True)
    for name in ("read.txt", "globbed/1.txt", "walked/1.txt", "one.txt", "two.txt", "asked.txt"):
        (folder / name).write_text(name)
    for name in ("as_text.py", "as_code.py", "as_both.py"):
        (folder / name).write_text("x = 1  # 9.0\n")
    (folder / "link.txt").symlink_to("one.txt")
    (folder / "turn").symlink_to("elsewhere/deep")
    (folder / "elsewhere" / "up.txt").write_text("up")
    made = subprocess.run(
        [sys.executable, "-c", LOOKING], cwd=folder, capture_output=True, text=True, check=True
    )
    return folder, json.loads(made.stdout)


def test_what_was_asked_of_no_file_is_not_noted(looked: tuple[Path, dict[str, str]]) -> None:
    folder, states = looked
    assert reads.changed(states) is None
    assert all(path.startswith(str(folder)) for path in states)
    noted = {os.path.relpath(path, folder) for path in states}
    # Importing lists the folder, and looks for compiled code that may not be there.
    assert not noted & {".", "written.txt", "asked.txt"}
    assert not any("__pycache__" in path or "as_nothing" in path for path in states)


def _replaced(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    return change


def _pointed_elsewhere(folder: Path) -> None:
    (folder / "link.txt").unlink()
    (folder / "link.txt").symlink_to("two.txt")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_replaced("read.txt", "another"), "read.txt"),
        (lambda folder: (folder / "read.txt").unlink(), "read.txt"),
        (_replaced("missing.txt", "there now"), "missing.txt"),
        (_replaced("nowhere/missing.txt", "there now"), "missing.txt"),
        (lambda folder: (folder / "no-folder").mkdir(), "no-folder"),
        (_replaced("globbed/2.txt", ""), "globbed"),
        (_replaced("iterated/2.txt", ""), "iterated"),
        (_replaced("walked/2.txt", ""), "walked"),
        (_pointed_elsewhere, "link.txt"),
        (_replaced("one.txt", "another behind the link"), "link.txt"),
        (_replaced("elsewhere/up.txt", "another"), "up.txt"),
        (_replaced("as_text.py", "x = 1  # 8.0\n"), "as_text.py"),
        (_replaced("as_both.py", "x = 1  # 8.0\n"), "as_both.py"),
        (_replaced("as_code.py", "x = 1  # 8.0\n"), None),
        (_replaced("as_code.py", "x = 2  # 9.0\n"), "as_code.py"),
        (_replaced("as_nothing.py", ""), None),
        (_replaced("asked.txt", "larger than it was"), None),
        (_replaced("globbed/__pycache__/code.pyc", ""), None),
    ],
)
def test_each_change_of_what_was_seen_is_found(
    looked: tuple[Path, dict[str, str]], tmp_path: Path, change: Callable[[Path], None], named: str | None
) -> None:
    folder, states = looked
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, symlinks=True)
    moved = {path.replace(str(folder), str(copy), 1): state for path, state in states.items()}
    assert reads.changed(moved) is None
    change(copy)
    assert reads.changed(moved) == named
