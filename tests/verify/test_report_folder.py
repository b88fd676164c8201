"""The folder of a report: replaced whole, without leftovers, and the same whoever makes its pages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from report_samples import (
    claim,
    document,
    example,
    many,
)

from verify.report import ReportError, render_site, write_html
from verify.report.claim_pages import claim_pages
from verify.report.reading import read


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_report_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "new folder"
    path = write_html(example(), folder)
    assert path == folder / "index.html"
    before = files_in(folder)
    assert before == render_site(example())
    broken = example()
    del broken["claims"][0]["title"]
    with pytest.raises(ReportError, match="the results lack 'title'"):
        write_html(broken, folder)
    assert files_in(folder) == before


def test_pages_of_an_earlier_report_do_not_stay(tmp_path: Path) -> None:
    write_html(example(), tmp_path)
    own = {"results.json": b"{}", "claims/notes.html": b"mine", "assets/files.bak": b"mine"}
    for name, content in own.items():
        (tmp_path / name).write_bytes(content)
    less = document(claim("multistage.eq7"))
    write_html(less, tmp_path)
    assert files_in(tmp_path) == render_site(less) | own


@pytest.mark.parametrize(
    "listed", ["../outside.html", "/outside.html", "results.json", "claims/../results.json", "."]
)
def test_a_damaged_list_of_files_removes_nothing_else(tmp_path: Path, listed: str) -> None:
    folder = tmp_path / "report"
    write_html(document(claim("a.b")), folder)
    outside = [tmp_path / "outside.html", folder / "results.json"]
    for path in outside:
        path.write_text("kept", encoding="utf-8")
    (folder / "assets" / "files.txt").write_text(f"{listed}\n", encoding="utf-8")
    write_html(document(claim("a.c")), folder)
    assert all(path.exists() for path in outside)


def test_a_page_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "claims").write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(OSError, match="claims"):
        write_html(example(), tmp_path)
    assert not (tmp_path / "index.html").exists()


def test_several_processes_make_the_same_pages() -> None:
    made = many()
    reading = read(made)
    alone = dict(claim_pages(made, reading, processes=1))
    assert dict(claim_pages(made, reading, processes=3)) == alone
    assert set(alone) == {f"claims/a.c{i}.html" for i in range(7)}


@pytest.mark.parametrize("broken", ["/nowhere/python", sys.executable])
def test_what_a_helper_fails_at_is_made_without_it(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = many()
    reading = read(made)
    alone = dict(claim_pages(made, reading, processes=1))
    # The one cannot be started; the other finds no module of that name.
    monkeypatch.setattr("verify.report.claim_pages.sys.executable", broken)
    monkeypatch.setattr("verify.report.claim_pages.__spec__", type("Spec", (), {"name": "no.such.module"}))
    assert dict(claim_pages(made, reading, processes=2)) == alone
