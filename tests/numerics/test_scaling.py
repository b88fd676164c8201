"""Power laws: exact recovery, intervals against SciPy's regression, and their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from numerics import InputError, fit_power
from numerics.scaling import fit_logarithm

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
        ([100, 200, 399], [1, 2, 3], "factor of 4"),
    ],
)
def test_what_cannot_be_fitted_is_refused(widths, values, word):
    with pytest.raises(InputError, match=word):
        fit_power(widths, values)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, math.nan])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(InputError, match="level"):
        fit_power(WIDTHS, [1, 2, 3, 4, 5], level=level)


LONGER = [100, 200, 400, 1000, 3000, 10000]


def test_an_exact_law_with_a_correction_is_recovered():
    widths = np.array(LONGER, dtype=float)
    for b in (-70.0, 12.0, 500.0):
        fit = fit_power(widths, 2.5 * widths**0.75 * (1 + b / widths), corrected=True)
        assert (fit.exponent, fit.constant, fit.correction) == pytest.approx((0.75, 2.5, b), rel=1e-9)
        line = fit_logarithm(widths, -3 + 0.25 * np.log(widths) + b / widths, corrected=True)
        assert (line.slope, line.constant, line.correction) == pytest.approx((0.25, -3, b), rel=1e-9)
    assert fit_power(widths, widths).correction is None
    assert fit_logarithm(widths, np.log(widths)).correction_interval is None


def test_the_corrected_fit_is_that_of_scipy():
    """Estimates and their covariance against curve_fit, which differentiates the model numerically."""
    from scipy.optimize import curve_fit

    random = np.random.default_rng(1)
    widths = np.repeat(np.array(LONGER, dtype=float), 3)
    values = 1.5 * widths**-0.3 * (1 + 40 / widths) * np.exp(0.05 * random.normal(size=len(widths)))
    weights = random.uniform(0.5, 2.0, size=len(widths))

    def model(m, constant, exponent, b):
        return constant + exponent * np.log(m) + np.log1p(b / m)

    found, covariance = curve_fit(
        model, widths, np.log(values), p0=[0, 0, 1], sigma=weights**-0.5, xtol=1e-14, ftol=1e-14
    )
    half = stats.t.ppf(0.95, len(widths) - 3) * np.sqrt(np.diag(covariance))
    fit = fit_power(widths, values, corrected=True, weights=weights, level=0.9)
    assert (math.log(fit.constant), fit.exponent, fit.correction) == pytest.approx(found, rel=1e-5)
    assert fit.exponent_interval == pytest.approx((found[1] - half[1], found[1] + half[1]), rel=1e-4)
    assert fit.correction_interval == pytest.approx((found[2] - half[2], found[2] + half[2]), rel=1e-4)
    assert fit.constant_interval == pytest.approx(
        (math.exp(found[0] - half[0]), math.exp(found[0] + half[0])), rel=1e-4
    )


def hit_rates(fit, truth, draws=1000, seed=0):
    """How often each interval of ``fit(random)`` holds the truth, in standard deviations from the level 0.95."""
    random = np.random.default_rng(seed)
    hits = np.zeros(3)
    for _ in range(draws):
        found = fit(random)
        slope = found.exponent_interval if hasattr(found, "exponent_interval") else found.slope_interval
        intervals = [slope, found.constant_interval, found.correction_interval or truth[2:] * 2]
        hits += [low <= true <= high for (low, high), true in zip(intervals, truth, strict=True)]
    return (hits[: 3 if truth[2] else 2] - 0.95 * draws) / math.sqrt(draws * 0.95 * 0.05)


@pytest.mark.parametrize(("b", "noise", "seeds"), [(30.0, 0.05, 1), (-40.0, 0.02, 5), (80.0, 0.1, 10)])
def test_corrected_intervals_cover_as_often_as_they_say(b, noise, seeds):
    widths = np.repeat(np.array(LONGER, dtype=float), seeds)

    def fit(random):
        values = 0.7 * widths**0.5 * (1 + b / widths) * np.exp(noise * random.normal(size=len(widths)))
        return fit_power(widths, values, corrected=True)

    assert np.all(np.abs(hit_rates(fit, (0.5, 0.7, b), draws=500)) < 4)


def test_without_the_correction_the_interval_misses_the_exponent():
    """A correction of 30/m is many standard errors of these values: the plain fit is wrong nearly always."""
    widths = np.repeat(np.array(LONGER, dtype=float), 10)

    def fit(random):
        values = 0.7 * widths**0.5 * (1 + 30 / widths) * np.exp(0.02 * random.normal(size=len(widths)))
        return fit_power(widths, values)

    assert hit_rates(fit, (0.5, 0.7, 0), draws=100)[0] < -20


@pytest.mark.parametrize("corrected", [False, True])
def test_weights_and_own_scatter_make_up_for_unequal_noise(corrected):
    """Noise that falls tenfold over the widths. With its variances as weights, and estimated from 8 seeds at each
    width, the intervals of the logarithmic law cover; taken as equal, that of the constant covers too often or
    too rarely."""
    widths = np.repeat(np.array(LONGER, dtype=float), 8)
    noise = 3 / np.sqrt(widths)
    truth = (0.5, -2.0, 25.0 if corrected else 0.0)

    def draw(random):
        return (
            truth[1] + truth[0] * np.log(widths) + truth[2] / widths + noise * random.normal(size=len(widths))
        )

    def rates(**options):
        return hit_rates(
            lambda random: fit_logarithm(widths, draw(random), corrected=corrected, **options), truth
        )

    assert np.all(np.abs(rates(weights=noise**-2)) < 4)
    assert np.all(np.abs(rates(scatter="each")) < 4)
    assert np.any(np.abs(rates()) > 4)


def test_own_scatter_of_exact_values_has_no_width():
    widths = np.repeat(WIDTHS, 2)
    fit = fit_power(widths, 2.0 * widths, scatter="each")
    assert fit.exponent_interval == pytest.approx((1.0, 1.0), abs=1e-12)


def test_a_range_that_is_too_short_to_say_is_refused():
    random = np.random.default_rng(3)
    widths = np.array([100.0, 150.0, 250.0, 420.0])
    values = widths**0.5 * np.exp(0.1 * random.normal(size=4))
    fit = fit_power(widths, values)
    size = fit.exponent_interval[1] - fit.exponent_interval[0]
    assert fit_power(widths, values, resolution=1.01 * size) == fit
    with pytest.raises(InputError, match=r"too short to say.*resolution"):
        fit_power(widths, values, resolution=0.99 * size)
    with pytest.raises(InputError, match=r"too short to say.*factor of 4"):
        fit_power(widths[:-1], values[:-1])
    with pytest.raises(InputError, match="4 distinct widths"):
        fit_power([100, 200, 400], [1, 2, 3], corrected=True)
    with pytest.raises(InputError, match="resolution"):
        fit_logarithm(widths, values, resolution=-1.0)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"weights": [1, 2]}, "one a value"),
        ({"weights": [1, 2, 0, 1, 1]}, "positive"),
        ({"scatter": "some"}, "scatter"),
        ({"scatter": "each"}, "two seeds"),
    ],
)
def test_options_of_a_fit_that_make_no_sense(options, word):
    with pytest.raises(InputError, match=word):
        fit_logarithm(WIDTHS, [1, 2, 3, 4, 5], **options)
