"""A user's file: what is no text is named with its line, and what would mislead is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from verify import PaperError, Verdict, run, select
from verify.load import load_file


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("title=7", "title is one text, not 7"),
        ("where=None", "where is one text, not None"),
        ("hypotheses=('m is large', 3)", "hypotheses is a tuple of texts, and 3 is none"),
        ("hypotheses=5", "hypotheses is a tuple of texts, not 5"),
        ("hypotheses='m is large'", "hypotheses are tuples of texts|hypotheses and uses are tuples"),
        ("uses=(1,)", "uses is a tuple of texts, and 1 is none"),
        ("statement=5", "the statement is LaTeX, or a function that returns it, not 5"),
    ],
)
def test_what_a_claim_says_is_text(toy: Callable[..., Path], argument: str, said: str) -> None:
    checked = "Check('simulation', lambda context: None)"
    path = toy(f"\npaper.checked('a', {checked}, {argument})\n")
    line = len(path.read_text(encoding="utf-8").splitlines())
    with pytest.raises(PaperError, match=rf"toys\.py, line {line}: claim 'a': .*({said})"):
        load_file(path)


def test_the_name_of_a_built_in_paper_is_taken(toy: Callable[..., Path]) -> None:
    path = toy("from verify import Paper\npaper = Paper('multistage')\n", header="")
    with pytest.raises(
        PaperError, match="'multistage' is the name of a paper that is built in; take another"
    ):
        load_file(path)


def test_a_second_paper_in_a_file_is_refused(toy: Callable[..., Path]) -> None:
    made = "from verify import Paper\npaper = Paper('one')\n"
    with pytest.raises(PaperError, match="there is another paper, `paper2`, which nobody would check"):
        load_file(toy(made + "paper2 = Paper('two')\n", header=""))
    # A built-in paper, or the same one under another name, is not checked instead of anything.
    others = "again = paper\nfrom verify.papers.spikes import paper as spikes\n"
    assert load_file(toy(made + others, header="")).name == "one"


def test_bounds_are_a_mapping(toy: Callable[..., Path]) -> None:
    text = "\nimport sympy as sp\nx = sp.Symbol('x', real=True)\npaper.inequality('a', x <= 5, over=[(x, 0, 3)])\n"
    with pytest.raises(
        PaperError, match=r"over maps symbols to their bounds, as in \{x: \(0, 1\)\}; \[\(x, 0, 3"
    ):
        load_file(toy(text))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("lambda: 1 / 0", "could not be printed: ZeroDivisionError"),
        ("lambda: 5", "the statement is LaTeX, not 5"),
    ],
)
def test_a_statement_that_cannot_be_read_is_an_error(
    toy: Callable[..., Path], statement: str, said: str
) -> None:
    path = toy(
        f"\nimport sympy as sp\nx = sp.Symbol('x')\npaper.identity('a', x + x, 2 * x, statement={statement})\n"
    )
    (found,) = run(select([str(path)]), jobs=1, mutants=False)
    assert found.verdict is Verdict.ERROR
    assert said in found.detail
