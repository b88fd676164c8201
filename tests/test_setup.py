"""Setting up a checkout: what `make` does before anything else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_folder_with_letters_that_the_locale_does_not_know(tmp_path: Path) -> None:
    """An environment that is complete, its .pth as the installer writes it: Python starts in every locale."""
    folder = tmp_path / "café ‘x’"
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "setup.sh", folder / "tools")
    venv.create(folder / ".venv")
    made = folder / ".venv" / "lemmata-setup"
    made.mkdir()
    (made / "location").write_text(f"{folder}\n", encoding="utf-8")
    (made / "python").write_text("{}.{}\n".format(*sys.version_info), encoding="utf-8")
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
        (made / name).touch()
    (packages,) = (folder / ".venv" / "lib").glob("python3*/site-packages")
    pth = packages / "_editable_impl_lemmata.pth"
    pth.write_text(f"{folder}\n", encoding="utf-8")
    (folder / "theory.py").touch()
    shown = "import os, theory; print(ascii(os.path.dirname(theory.__file__)))"
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "PYTHON"))}
    for locale in ("C", "C.UTF-8"):
        environment = bare | {"LC_ALL": locale}
        # Twice: what is readable already is left as it is.
        done = subprocess.run(["sh", "tools/setup.sh"], cwd=folder, env=environment, capture_output=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert pth.read_bytes().isascii()
        python = folder / ".venv" / "bin" / "python"
        found = subprocess.run(
            [python, "-c", shown], cwd="/", env=environment, capture_output=True, text=True
        )
        assert found.stdout.strip() == ascii(str(folder)), found.stderr
