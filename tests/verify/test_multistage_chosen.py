"""What a reader may choose of the experiments: what is taken and refused, and that first order follows the choice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from numerics.observables import order_parameters
from numerics.reduced import reduced_order_parameters
from numerics.simulate import simulate
from verify import PaperError
from verify.context import Context
from verify.papers.multistage import chosen, paper, runs
from verify.papers.multistage import experiment_network as experiment
from verify.parameters import settings_of


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    yield
    paper.use({})
    for kept in (experiment.points, experiment.generated_end):
        kept.cache_clear()  # type: ignore[attr-defined]


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
