"""Proofs by enclosures tell what was evaluated, over what set and in what arithmetic, in formulas that can be set."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from verify.checks import enclosure
from verify.context import Context
from verify.evidence import Evidence, Verdict
from verify.papers.multistage import enclosed_runs, lemma_boxes
from verify.papers.multistage import paper as multistage
from verify.papers.multistage.estimates import BOUND
from verify.papers.spikes import paper as spikes
from verify.report.mathml import math, prose
from verify.report.steps import steps_of
from verify.report.text_runs import understood

x, y = sp.symbols("x y", real=True)


def told(found: Evidence) -> list[Any]:
    steps = steps_of(found.data)
    assert steps
    return steps


def assert_set(steps: list[Any]) -> None:
    """Both parsers, that of the pages and that of the printed forms, understand every formula."""
    for step in steps:
        assert not step.latex or understood(step.latex) is not None, step.latex
        assert not step.latex or "<code" not in math(step.latex, display=True), step.latex
        assert "<code" not in prose(step.text), step.text


@pytest.mark.parametrize("form", ["natural", "mean-value", "centred", "best"])
def test_an_inequality_over_a_box_names_the_difference_the_box_and_the_conditions(form):
    relation = sp.And(sp.sin(x) <= 2 * x, x * y < 7)
    check = enclosure.inequality(relation, {x: (sp.Rational(1, 10), 2), y: (-1, 3)}, [y > x - 4], form=form)
    steps = told(check.run(Context()))
    assert_set(steps)
    assert set(steps[0].latex.split(r",\quad ")) == {r"\sin{\left(x \right)} \leq 2 x", r"x y < 7"}
    assert steps[0].compared
    assert set(steps[1].latex.split(r",\quad ")) == {r"2 x - \sin{\left(x \right)} \ge 0", r"- x y + 7 > 0"}
    assert steps[2].latex == r"(x, y) \in [\frac{1}{10}, 2] \times [-1, 3]"
    assert steps[3].latex == "- x + y + 4 > 0"
    assert f"{enclosure.BITS} bits" in " ".join(step.text for step in steps)


def test_the_last_step_says_how_many_parts_were_looked_at():
    found = enclosure.inequality(sp.exp(x) >= 1 + x, {x: (sp.Rational(1, 10), 3)}).run(Context())
    assert f"After {found.data['boxes']} part" in told(found)[-1].text.replace("the whole was", "1 part")


def test_a_difference_that_nobody_can_read_is_not_printed():
    long = sum(sp.sin(k * x) / 1000 for k in range(1, 100))
    steps = told(enclosure.inequality(long < 10, {x: (0, 1)}, form="natural").run(Context()))
    assert steps[0].latex == ""
    assert "too long" in steps[0].text


def test_nothing_is_told_of_what_was_not_proved():
    for relation in (sp.sin(x) >= x, sp.sin(x) < sp.sin(x) + sp.Rational(1, 10**60) * x):
        found = enclosure.inequality(relation, {x: (0, 1)}, budget={"quick": 4}).run(Context())
        assert found.verdict is not Verdict.PROVED
        assert "derivation" not in found.data


PAPERS = {"multistage": multistage, "spikes": spikes}
CHEAP = [
    *(f"multistage.asm3.{name}" for name in ("tanh", "erf", "arctan", "sin", "rational", "gd")),
    *(f"multistage.{id}" for id in ("lem3", "lem3.sharp", "thm4", "prop8", "prop8.sharp")),
    *(f"multistage.{id}" for id in ("eq34", "thm1.ii", "eq64")),
    *(f"spikes.toy.{id}" for id in ("diverges", "recovers", "underflow")),
]


@pytest.mark.parametrize("id", CHEAP)
def test_built_in_claims_by_enclosure_tell_their_steps(id):
    paper, _, short = id.partition(".")
    steps = told(PAPERS[paper][short].checks[0].run(Context()))
    assert len(steps) >= 3
    assert any(step.latex for step in steps)
    assert "bits" in " ".join(step.text for step in steps)
    assert_set(steps)


def test_the_steps_of_lemma_1_can_be_set():
    assert_set(steps_of({"derivation": lemma_boxes._told(BOUND)}) or [])


@pytest.mark.parametrize("id", ["thm2", "b1", "thm3", "prop4", "prop5"])
def test_statements_about_concrete_networks_tell_how_the_flow_was_enclosed(id, monkeypatch):
    monkeypatch.setattr(enclosed_runs, "widths", lambda effort: (10,))
    steps = told(multistage[f"{id}.enclosed"].checks[0].run(Context()))
    assert_set(steps)
    tube = enclosed_runs.enclosed(10).enclosure
    assert f"$m = 10$: {len(tube.steps)} steps" in " ".join(step.text for step in steps)
