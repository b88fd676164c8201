"""Every notebook runs from its first cell to its last, and what is stored is what its source says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lemmata_notebooks", ROOT / "tools" / "notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_notebooks() -> None:
    assert len(SOURCES) >= 8
    assert {source.stem for source in SOURCES} == {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_notebook_runs_and_shows_a_picture(source: Path, tool: ModuleType) -> None:
    notebook = tool.executed(source)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_stored_notebook_is_its_source(source: Path) -> None:
    stored = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(stored)
    written = jupytext.read(source)
    assert [(c.cell_type, c.source) for c in stored.cells] == [
        (c.cell_type, c.source) for c in written.cells
    ], f"run `make notebooks`: {source.stem}.ipynb is older than its source"
    assert all(cell.execution_count for cell in stored.cells if cell.cell_type == "code")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_no_notebook_shows_where_an_object_lay_in_memory(source: Path) -> None:
    """Such a number says nothing to a reader, and is another in each run."""
    assert " at 0x" not in source.with_suffix(".ipynb").read_text(encoding="utf-8")


def test_an_unknown_name_is_said(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["99_nothing"]) == 2
    assert "there is no 99_nothing.py" in capsys.readouterr().err


def test_a_failing_cell_is_an_error(tool: ModuleType, tmp_path: Path) -> None:
    from nbclient.exceptions import CellExecutionError

    source = tmp_path / "broken.py"
    source.write_text("# %%\nassert 1 == 2\n", encoding="utf-8")
    with pytest.raises(CellExecutionError):
        tool.executed(source)
