"""Power laws: fitted intervals against stated ones."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from verify.checks import scaling
from verify.context import Context
from verify.evidence import Evidence, Verdict

SIZES = [64, 128, 256, 512, 1024]


def power(exponent: float, constant: float = 1.0):
    return lambda context, size: constant * size**exponent


def noisy(exponent: float, spread: float):
    def measure(context: Context, size: float) -> np.ndarray:
        draw = np.random.default_rng([context.seed, int(size)])
        return size**exponent * np.exp(spread * draw.standard_normal(4))

    return measure


def answer(
    measure: object, exponent: object, constant: object = None, over: object = SIZES, **options: object
) -> Evidence:
    return scaling.law(measure, over, exponent, constant, **options).run(Context())


@given(st.floats(-3, 3), st.floats(0.01, 100))
@settings(max_examples=40, deadline=None)
def test_an_exact_law_is_supported_and_its_neighbours_are_refuted(exponent: float, constant: float):
    measure = power(exponent, constant)
    assert answer(measure, exponent, constant).verdict is Verdict.SUPPORTED
    assert answer(measure, (exponent, exponent), resolution=0.01).verdict is Verdict.SUPPORTED
    assert answer(measure, exponent + 0.5).verdict is Verdict.REFUTED
    assert answer(measure, (exponent + 0.001, exponent + 1)).verdict is Verdict.REFUTED
    assert answer(measure, exponent, 2 * constant).verdict is Verdict.REFUTED


def test_noise_that_is_wider_than_the_statement_is_not_confirmed():
    found = answer(noisy(0.5, 0.5), 0.5)
    assert found.verdict is Verdict.UNDECIDED
    assert found.not_confirmed


def test_identical_repeats_are_no_independent_values():
    def uneven(context: Context, size: float) -> float:
        return size * (1.4 if size == 128 else 1.0)

    once = answer(uneven, 1, resolution=0.5)
    assert once.verdict is Verdict.UNDECIDED
    assert "repeats" not in once.detail
    repeats = (
        answer(uneven, 1, resolution=0.5, seeds=50),
        answer(lambda context, size: [uneven(context, size)] * 1000, 1, resolution=0.5),
        answer(uneven, 1, resolution=0.5, over=SIZES * 20),
    )
    for found in repeats:
        assert found.verdict is Verdict.UNDECIDED
        assert found.data["exponent_interval"] == once.data["exponent_interval"]
        assert "5 values at 5 sizes, identical repeats counted once" in found.detail
    assert len(repeats[0].data["table"]["rows"]) == 250


def test_a_value_found_twice_among_others_keeps_its_share():
    def counted(context: Context, size: float) -> float:
        return size * (2 if context.seed % 3 == 2 else 1)

    logs = [math.log(size * factor) for size in SIZES for factor in (1, 1, 2)]
    found = answer(counted, 1, (1, 2), seeds=3)
    mean = sum(logs) / len(logs) - sum(map(math.log, SIZES)) / len(SIZES)
    assert found.data["constant"] == pytest.approx(math.exp(mean))
    again = answer(counted, 1, (1, 2), seeds=30)
    assert again.data["constant_interval"] == pytest.approx(found.data["constant_interval"])


def test_a_narrow_interval_around_the_stated_one_needs_a_resolution():
    measure = noisy(0.5, 0.01)
    assert answer(measure, (0.5, 0.5), resolution=0.05).verdict is Verdict.SUPPORTED
    assert answer(measure, (0.5, 0.5)).not_confirmed
    assert answer(measure, (0.5, 0.5), resolution=1e-6).not_confirmed


def test_a_wrong_constant_with_the_right_exponent_is_refuted():
    assert answer(noisy(0.5, 0.01), 0.5, (1.5, 2.5)).verdict is Verdict.REFUTED
    assert answer(noisy(0.5, 0.01), 0.5, (0.8, 1.2)).verdict is Verdict.SUPPORTED


def test_a_constant_that_is_not_confirmed_leaves_the_law_unconfirmed():
    # The exponent fits; the stated constant is inside the fitted interval, not around it.
    assert answer(noisy(0.5, 0.01), 0.5, (1.0, 1.001)).not_confirmed


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, 0.0, -1.0])
def test_a_value_that_is_no_value_is_undecided_and_no_kill(bad):
    def measure(context: Context, size: float) -> list[float | None]:
        return [size**0.5, bad if size == 256 else size**0.5]

    for exponent in (0.5, 3.0):
        found = answer(measure, exponent)
        assert found.verdict is Verdict.UNDECIDED
        assert not found.not_confirmed
        assert "256" in found.detail


@pytest.mark.parametrize("over", [[], [64], [64, 128], [64, 64, 128]])
def test_a_starved_budget_is_undecided_and_no_kill(over):
    found = answer(power(0.5), 0.5, over=over)
    assert found.verdict is Verdict.UNDECIDED
    assert not found.not_confirmed


def test_an_exception_in_the_measurement_is_an_error():
    found = answer(lambda context, size: 1 / 0, 0.5)
    assert found.verdict is Verdict.ERROR
    assert "ZeroDivisionError" in found.detail


def test_sizes_by_effort_and_seeds_from_the_context():
    seen: list[tuple[int, int]] = []

    def measure(context: Context, size: int) -> float:
        seen.append((size, context.seed))
        return float(size)

    check = scaling.law(measure, {"quick": [2, 4, 8], "standard": SIZES, "deep": SIZES}, 1.0, seeds=2)
    assert check.run(Context(seed=7)).verdict is Verdict.SUPPORTED
    assert seen == [(2, 7), (2, 8), (4, 7), (4, 8), (8, 7), (8, 8)]


def test_the_data_can_be_drawn_without_computing():
    found = answer(power(0.5, 3.0), 0.5, 3.0, size_label="width", value_label="T")
    table, figure = found.data["table"], found.data["figure"]
    assert table["columns"] == ["width", "T", "predicted"]
    assert [row[1] for row in table["rows"]] == pytest.approx([row[2] for row in table["rows"]])
    (panel,) = figure
    assert panel["xscale"] == panel["yscale"] == "log"
    assert {series["role"] for series in panel["series"]} == {"simulated", "predicted"}
    json.dumps(dict(found.data), allow_nan=False)


@pytest.mark.parametrize(
    ("exponent", "constant", "options"),
    [
        ((1, 0), None, {}),
        (math.nan, None, {}),
        (1, -2.0, {}),
        (1, None, {"resolution": 0}),
        (1, None, {"resolution": 1.5}),
        (1, None, {"seeds": 0}),
    ],
)
def test_statements_without_sense_are_refused(exponent, constant, options):
    with pytest.raises(InputError):
        scaling.law(power(1), SIZES, exponent, constant, **options)


def test_a_range_that_is_too_short_to_say_is_undecided():
    found = answer(power(1.0), 1.0, over=[100, 150, 200])
    assert found.verdict is Verdict.UNDECIDED
    assert "too short" in found.detail
