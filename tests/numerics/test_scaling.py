"""Power laws: exact recovery, intervals against SciPy's regression, and their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from numerics import InputError, fit_power

WIDTHS = [100, 200, 400, 800, 1600]


def test_an_exact_law_is_recovered():
    fit = fit_power(WIDTHS, [3.5 * m**-1.25 for m in WIDTHS])
    assert fit.exponent == pytest.approx(-1.25, abs=1e-13)
    assert fit.constant == pytest.approx(3.5, rel=1e-12)
    assert fit.exponent_interval == pytest.approx((-1.25, -1.25), abs=1e-12)
    assert fit.constant_interval == pytest.approx((3.5, 3.5), rel=1e-10)
    assert fit.level == 0.95


def test_intervals_are_those_of_linear_regression():
    random = np.random.default_rng(0)
    values = 2.0 * np.array(WIDTHS) ** 0.5 * np.exp(0.1 * random.normal(size=5))
    fit = fit_power(WIDTHS, values.tolist(), level=0.9)
    line = stats.linregress(np.log(WIDTHS), np.log(values))
    half = stats.t.ppf(0.95, 3) * line.stderr
    assert fit.exponent_interval == pytest.approx((line.slope - half, line.slope + half), rel=1e-10)
    half = stats.t.ppf(0.95, 3) * line.intercept_stderr
    ends = (math.exp(line.intercept - half), math.exp(line.intercept + half))
    assert fit.constant_interval == pytest.approx(ends, rel=1e-10)


@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize("repeats", [1, 4])
def test_intervals_cover_as_often_as_they_say(level, repeats):
    """2000 draws of noise: the binomial count of hits is within 4 of its standard deviations."""
    random = np.random.default_rng(20 + repeats)
    widths = np.repeat(WIDTHS, repeats)
    draws, hits = 2000, np.zeros(2)
    for _ in range(draws):
        values = 0.7 * widths**-0.5 * np.exp(0.3 * random.normal(size=len(widths)))
        fit = fit_power(widths, values, level=level)
        hits += [
            fit.exponent_interval[0] <= -0.5 <= fit.exponent_interval[1],
            fit.constant_interval[0] <= 0.7 <= fit.constant_interval[1],
        ]
    assert np.all(np.abs(hits - draws * level) < 4 * math.sqrt(draws * level * (1 - level)))


@pytest.mark.parametrize(
    ("widths", "values", "word"),
    [
        ([1, 2], [1, 2], "3 distinct"),
        ([1, 2, 2, 1], [1, 2, 3, 4], "3 distinct"),
        ([], [], "3 distinct"),
        ([1, 2, 3], [1, 2], "one value"),
        ([1, 2, 3], [1, 2, 0], "positive"),
        ([1, 2, 3], [1, 2, -1], "positive"),
        ([1, 2, 3], [1, 2, math.nan], "positive"),
        ([1, 2, math.inf], [1, 2, 3], "positive"),
        ([0, 2, 3], [1, 2, 3], "positive"),
    ],
)
def test_what_cannot_be_fitted_is_refused(widths, values, word):
    with pytest.raises(InputError, match=word):
        fit_power(widths, values)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, math.nan])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(InputError, match="level"):
        fit_power(WIDTHS, [1, 2, 3, 4, 5], level=level)
