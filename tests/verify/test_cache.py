from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from verify import ClaimResult, PaperSource, Verdict, run, select
from verify.cache import Cache, default_folder, write_atomically
from verify.fingerprint import code_fingerprint, reachable, syntax_hash
from verify.runner import Quiet

Toy = Callable[..., Path]

TOY = """
import beside_cached

@paper.claim("a", method="simulation", mutants=[
    Mutant("m", "", "", lambda context: Evidence(Verdict.REFUTED, "simulation", "no"), lambda: "false")])
def a(context):
    open({log!r}, "a").write("x")
    return Evidence(Verdict.SUPPORTED, "simulation", str(beside_cached.VALUE))
"""

BESIDE = '"""Words."""\n\n\ndef value():\n    """More words."""\n    return 1\n\n\nVALUE = value()\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def paper(toy: Toy, log: Path) -> Path:
    toy(BESIDE, name="beside_cached.py", header="")
    return toy(TOY.format(log=str(log)))


def only(path: Path, **options: Any) -> ClaimResult:
    (result,) = run(select([str(path)]), **options)
    return result


def test_the_same_content_is_examined_once(paper: Path, log: Path) -> None:
    first, second = only(paper), only(paper)
    assert log.read_text() == "x"
    assert (first.cached, first.why) == (None, "first run")
    assert second.cached is not None
    assert second.cached.startswith("unchanged since 20")
    assert second.why == ""
    assert second.evidence == first.evidence
    assert second.mutants == first.mutants
    assert second.mutants[0].killed


def test_the_result_says_why_it_ran(paper: Path, log: Path) -> None:
    only(paper)
    assert only(paper, effort="standard").why == "effort"
    assert only(paper, seed=1).why == "seed"
    assert only(paper, fresh=True).why == "cache not used"
    assert only(paper).why == ""
    paper.write_text(paper.read_text().replace("a(context)", "a(ctx)"))
    assert only(paper).why == "code changed"
    assert len(log.read_text()) == 5


def test_code_that_stands_beside_counts_but_not_its_comments(paper: Path) -> None:
    beside = paper.with_name("beside_cached.py")
    before = code_fingerprint(PaperSource.file(paper))
    beside.write_text(
        "# a comment\n" + BESIDE.replace("Words.", "Other\nwords.").replace("More words.", "Fewer.")
    )
    assert code_fingerprint(PaperSource.file(paper)) == before
    beside.write_text(BESIDE.replace("return 1", "return 2"))
    assert code_fingerprint(PaperSource.file(paper)) != before


def test_a_users_own_file_counts_to_the_byte(paper: Path) -> None:
    before = code_fingerprint(PaperSource.file(paper))
    paper.write_text(paper.read_text() + "# a comment\n")
    assert code_fingerprint(PaperSource.file(paper)) != before


def test_mutants_are_kept_apart_from_checks(paper: Path, log: Path) -> None:
    assert only(paper, mutants=False).mutants == ()
    both = only(paper)
    assert both.why == "negative controls: first run"
    assert len(both.mutants) == 1
    assert only(paper, mutants=False).cached is not None
    assert log.read_text() == "x"


def test_a_damaged_entry_is_reported_and_checked_again(paper: Path, log: Path) -> None:
    only(paper)
    said: list[str] = []
    cache = Cache(warn=said.append)
    damages: list[Callable[[str], str]] = [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "null",
        lambda text: "[" * 100_000,
        lambda text: text.replace("SUPPORTED", "MAYBE").replace("REFUTED", "MAYBE"),
        lambda text: json.dumps(json.loads(text) | {"record": {}}),
    ]
    for count, damage in enumerate(damages, start=1):
        for entry in default_folder().rglob("*.json"):
            entry.write_text(damage(entry.read_text()))
        said.clear()
        result = only(paper, cache=cache)
        assert result.verdict is Verdict.SUPPORTED
        assert result.cached is None
        assert len(said) >= 2
        assert all("is damaged" in sentence for sentence in said)
        assert len(log.read_text()) == count + 1


def test_an_entry_cannot_say_what_its_method_cannot(paper: Path) -> None:
    only(paper)
    for entry in default_folder().rglob("checks-*.json"):
        entry.write_text(entry.read_text().replace("SUPPORTED", "PROVED"))
    assert only(paper).verdict is Verdict.SUPPORTED


def test_an_entry_with_another_verdict_of_its_method_is_not_taken(paper: Path, log: Path) -> None:
    only(paper)
    for entry in default_folder().rglob("checks-*.json"):
        entry.write_text(entry.read_text().replace("SUPPORTED", "REFUTED"))
    assert only(paper).verdict is Verdict.SUPPORTED
    assert log.read_text() == "xx"


def test_an_entry_of_other_content_is_not_taken(paper: Path, log: Path) -> None:
    only(paper)
    for entry in default_folder().rglob("*.json"):
        changed = json.loads(entry.read_text())
        changed["key"]["code"] = "0" * 64
        entry.write_text(json.dumps(changed))
    assert only(paper).cached is None
    assert log.read_text() == "xx"


def test_errors_are_not_kept(toy: Toy) -> None:
    path = toy("paper.checked('a', Check('smt', lambda context: 1 / 0))\n")
    assert [only(path).why for _ in range(2)] == ["first run", "first run"]


def test_a_cache_that_cannot_be_written_is_only_slower(paper: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    result = only(paper, cache=Cache(tmp_path / "file" / "cache", warn=said.append))
    assert result.verdict is Verdict.SUPPORTED
    assert any("cannot be written" in sentence for sentence in said)


def test_no_more_than_a_few_entries_are_kept(paper: Path) -> None:
    key = Cache().key(PaperSource.file(paper), "toys.a", "mutants", "quick", 0)
    cache = Cache()
    for seed in range(12):
        cache.put(type(key)(**{**key.__dict__, "seed": seed}), {"mutants": []})
    assert len(list(default_folder().rglob("*.json"))) == 8


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.json"
    write_atomically(path, "old")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_imports_are_followed_at_any_depth_and_in_any_form(tmp_path: Path) -> None:
    files = {
        "theory/__init__.py": "",
        "theory/one.py": "def f():\n    from verify import two as second\n",
        "verify/__init__.py": "",
        "verify/two.py": "import os, numpy\nfrom . import three\n",
        "verify/three.py": "from .sub.four import x\n",
        "verify/sub/__init__.py": "from ..five import y\n",
        "verify/sub/four.py": "if 0:\n    import verify.six.seven as s\n",
        "verify/five.py": "import importlib\nimportlib.import_module('verify.eight')\n",
        "verify/six/__init__.py": "",
        "verify/six/seven.py": "from theory import one\n",
        "verify/eight.py": "from verify import runner\n",
        "verify/runner.py": "from verify import unreached\n",
        "verify/unreached.py": "",
        "verify/alone.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    roots = {"theory": tmp_path, "verify": tmp_path}
    found = reachable(["theory.one"], roots)
    left_out = {"verify.runner", "verify.unreached", "verify.alone"}
    names = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files}
    assert set(found) == names - left_out


def test_a_hash_sees_code_and_not_its_looks(tmp_path: Path) -> None:
    def hashed(text: str) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.py"
        path.write_text(text)
        return syntax_hash(path)

    code = (
        'class A:\n    """Doc."""\n    x = 1\n    def f(self):\n        """Doc."""\n        return "text"\n'
    )
    assert ast.parse(code)
    assert hashed(code) == hashed(code.replace("Doc", "Other").replace("x = 1", "x   =   1  # one"))
    assert hashed(code) != hashed(code.replace('"text"', '"other"'))
    assert hashed(code) != hashed(code.replace("x = 1", "x = 1.0"))
    assert hashed("def f(:") != hashed("def g(:")


def test_an_observer_hears_of_what_was_found_in_the_cache(paper: Path) -> None:
    heard: list[str] = []

    class Ear(Quiet):
        def started(self, claim: str, why: str) -> None:
            heard.append(f"started {claim}")

        def finished(self, result: ClaimResult) -> None:
            heard.append(f"finished {result.id}")

    only(paper)
    only(paper, observer=Ear())
    assert heard == ["finished toys.a"]


def test_evidence_from_a_data_file_is_found_again_when_the_file_has_changed(toy: Toy, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "borrowed_by_name.py").write_text("VALUE = 1  # as it was\n")
    path = toy(
        f"import importlib, sys\nsys.path.append({str(elsewhere)!r})\n"
        "from functools import cache\n"
        f"read = cache(lambda: open({str(data)!r}).read() "
        "+ str(importlib.import_module('borrowed_by_name').VALUE))\n"
        "paper.checked('a', Check('search', lambda context: Evidence(Verdict.SUPPORTED, 'search', read())))\n"
        "paper.checked('b', Check('search', lambda context: Evidence(Verdict.SUPPORTED, 'search', read())))\n"
    )

    def details() -> list[tuple[str, str]]:
        return [(one.detail, one.why) for one in run(select([str(path)]), jobs=1)]

    assert details() == [("11", "first run")] * 2
    assert details() == [("11", "")] * 2
    data.write_text("2")
    # What the first claim loaded serves the second one as well.
    assert details() == [("21", "data.csv changed")] * 2
    (elsewhere / "borrowed_by_name.py").write_text("VALUE = 1  # as it is\n")
    assert details() == [("21", "")] * 2
    (elsewhere / "borrowed_by_name.py").write_text("VALUE = 3\n")
    assert details() == [("23", "borrowed_by_name.py changed")] * 2
    data.unlink()
    assert [why for _, why in details()] == ["data.csv changed"] * 2
