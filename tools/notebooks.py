"""Run the notebooks and store them with what they print: notebooks/NAME.py is edited, NAME.ipynb is written from it.

python tools/notebooks.py [NAME …]
"""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
SECONDS_A_CELL = 300


def executed(source: Path) -> nbformat.NotebookNode:
    """The notebook of a .py file, run in its folder. Raises CellExecutionError at the first cell that fails."""
    notebook = jupytext.read(source)
    NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    ).execute()
    # What differs between machines and runs would make every new copy a change.
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Lines printed one after the other as one output: where they were split depends on the machine's load."""
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = kept[-1] if kept else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            kept.append(output)
    return kept


def main(names: list[str]) -> int:
    sources = sorted(FOLDER.glob("*.py")) if not names else [FOLDER / f"{Path(n).stem}.py" for n in names]
    for source in sources:
        if not source.is_file():
            print(f"notebooks: there is no {source.name} in {FOLDER.name}/", file=sys.stderr)
            return 2
        print(source.name, flush=True)
        nbformat.write(executed(source), source.with_suffix(".ipynb"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
