"""What a reader may choose of the experiments: what is taken and refused, and that first order follows the choice."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom

from numerics.observables import order_parameters
from numerics.reduced import reduced_order_parameters
from numerics.simulate import simulate
from verify import PaperError
from verify.context import Context
from verify.papers.multistage import (
    asymptotics,
    chosen,
    descent_condition,
    explicit_widths,
    laws_secondary,
    paper,
    probability,
    runs,
)
from verify.papers.multistage import experiment_network as experiment
from verify.parameters import settings_of


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    yield
    _use({})


def _use(settings: dict[str, str]) -> None:
    """As in a process of its own: nothing is kept from other values."""
    paper.use(settings)
    for module in (experiment, explicit_widths):
        for value in vars(module).values():
            getattr(value, "cache_clear", lambda: None)()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("activation", "cos(u)", "it is even"),
        ("activation", "gelu", "neither one of tanh"),
        ("target", "x**2", "Assumption 2 is violated|assumption 2 is violated"),
        ("target", "1/x", "not finite at the data point"),
        ("second_target", "y", "the name 'y' is unknown"),
        ("third_target", "x'", "not allowed in a formula"),
        ("target", "x\n", None),
        ("target", "x\nx", "a formula in x"),
        ("target", "x+" * 200 + "x", "401 characters"),
        ("width", "99", "a whole number from 100"),
        ("learning_rate", "1", "above 1/10000 and below 1/4"),
        ("plateau_factor", "1", "above 1/5 and below 1"),
        ("across_share", "1/4", "above 0 and below 1/4"),
        ("rest_share", "1/2", "above 0 and below 1/2"),
        ("bernstein", "0.69", "above 0 and below 683/1000"),
        ("tail_share", "1", "above 0 and below 1"),
    ],
)
def test_values_are_taken_or_refused_in_one_line(name: str, value: str, words: str | None) -> None:
    declared = {"multistage": paper.parameters}
    if words is None:
        assert settings_of(declared, {name: value}) == {"multistage": {name: "x"}}
        return
    with pytest.raises(PaperError, match=rf"^multistage\.{name} cannot be .*({words})") as caught:
        settings_of(declared, {name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"activation": "rational", "target": "x + 0.3*x**3"},
        {"activation": "u/(1 + u**2)", "target": "tanh(2*x)"},
    ],
)
def test_the_gaps_to_the_reduced_flow_are_those_of_first_order(settings: dict[str, str]) -> None:
    paper.use({**settings, "width": "500"})
    data = experiment.points("line")
    start = runs.initial(int(chosen.width), 3, 1)
    order = experiment.FirstOrder.of(data, start)
    assert order is not None
    run = simulate(experiment.network(data), start, experiment.horizon(start) - 2, rtol=1e-9)
    times = np.linspace(0, run.end, 200)
    P = np.array([order_parameters(run.state(float(t)))[0] for t in times])
    gap = float(np.max(np.abs(P - reduced_order_parameters(*order_parameters(start), times)[0])))
    assert gap == pytest.approx(order.largest(experiment.ORDER_GAP), rel=0.1)


def test_a_small_zeta_leaves_the_closeness_of_the_descent_time_open() -> None:
    paper.use({"zeta": "1/20"})
    claim = paper["b2.reduced"]
    assert claim.checks[0].run(Context()).verdict == "UNDECIDED"
    assert [mutant.witness() for mutant in claim.mutants()] == [None] * 3


@pytest.mark.parametrize(
    ("id", "settings", "printed"),
    [
        ("eq48", {"across_share": "1/10", "rest_share": "1/5"}, r"\dot{P} \geq \frac{17 Q"),
        ("prop4", {"across_share": "1/10", "rest_share": "1/5"}, r"\dot{Q} \geq \frac{3 Q"),
        ("thm4", {"bernstein": "1/2"}, r"C_{0} = \frac{1}{2} \;"),
        ("prop8", {"bernstein": "1/2"}, r"m \geq \frac{512 \log"),
        ("eq39.rate", {"gamma_share": "2/5"}, r"{m^{- 3 / 10}\log m}"),
        ("eq47", {"across_share": "1/20"}, r"c_{V} = \tfrac{1}{20}"),
        ("eq27.fine", {"bernstein": "1/2"}, r"C_{0} = \tfrac{1}{2}"),
    ],
)
def test_a_statement_has_the_value_that_it_was_checked_with(
    id: str, settings: dict[str, str], printed: str
) -> None:
    before = paper[id].statement_text()
    _use(settings)
    claim = paper[id]
    assert printed in claim.statement_text()
    assert printed not in before
    assert claim.checks[0].run(Context()).verdict == "PROVED"
    shown = [mutant for mutant in claim.mutants() if mutant.witness()]
    assert len(shown) >= 3
    assert all(mutant.run(Context()).verdict == "REFUTED" for mutant in shown[:4])


def test_how_many_draws_tell_the_part_of_delta_from_delta() -> None:
    """With the numbers of draws that are made a bound at 99 % is met by all but few samples, by the binomial law."""
    for level, part in (("1/10", "1/8"), ("1/20", "1/8"), ("1/4", "1/3"), ("1/10", "1/2")):
        paper.use({"level": level, "tail_share": part})
        outside = float(chosen.level) * float(chosen.tail_share)
        assert math.erfc(probability.deviations() / math.sqrt(2)) == pytest.approx(outside, rel=0.04)
        draws = probability.draws_needed(100)
        failures = max(k for k in range(draws) if binom.cdf(k, draws, float(chosen.level)) <= 0.01)
        assert binom.cdf(failures, draws, outside) > 0.97


def test_a_lone_neuron_grows_as_its_two_equations_say() -> None:
    run = solve_ivp(
        lambda _, z: [z[1] ** 3, 3 * z[0] * z[1] ** 2], (0, 0.2), [1.0, 1.0], rtol=1e-10, atol=1e-12
    )
    assert laws_secondary.alone(0.2) == pytest.approx(run.y[1, -1], rel=1e-7)
    with pytest.raises(ValueError, match="has run away"):
        laws_secondary.alone(0.2114)


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({}, 4000),
        ({"zeta": "1/20"}, 8000),
        ({"zeta": "1/4"}, 2000),
        ({"rest_share": "1/8"}, 8000),
        ({"across_share": "1/500"}, 16000),
        ({"zeta": "1/1000"}, 100001),
    ],
)
def test_from_where_on_47_is_said_to_hold_follows_its_constants(settings: dict[str, str], start: int) -> None:
    """3.5 (log m)^{3/2}/m is 0.042, 0.021, 0.012, 0.0066 at 2000, 4000, 8000, 16000, and 2/m is twice V_2(0)."""
    _use(settings)
    assert descent_condition.condition().start == start
    assert f"m \\ge {start}" in paper["eq47.network"].statement_text()


def test_what_leading_terms_leave_out_is_one_over_root_m_at_the_default_alone() -> None:
    for alpha in (1.0, 1.5):
        assert asymptotics.tolerance(4000, alpha, (alpha - 0.5) / 2) == pytest.approx(4000**-0.5)
    assert asymptotics.tolerance(4000, 1.0, 0.2) == pytest.approx((4000**-0.5 + 4000**-0.4) / 2)
    assert asymptotics.tolerance(4000, 1.0, 0.3) == pytest.approx((4000**-0.5 + 4000**-0.4) / 2)


def test_a_bound_that_tends_to_one_from_above_has_no_width() -> None:
    """At ζ = ¼ the bound of (43) in full is (√(3/2) + …)²/(2 · ¾), which is more than 1 at every width."""
    _use({"zeta": "1/4"})
    found = paper["eq43.lower.full"].checks[0].run(Context())
    assert found.verdict == "UNDECIDED"
    assert "there is no width from which on it holds" in found.detail
