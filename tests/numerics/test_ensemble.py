"""Many draws in one integration against each draw on its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics import InputError, Network, descent_time, generated, initial_weights
from numerics.activation import activation
from numerics.ensemble import Ensemble
from numerics.quadrature import compress
from numerics.scaling import fit_logarithm
from numerics.simulate import simulate


@pytest.mark.parametrize("dim", [1, 2])
def test_each_draw_moves_as_on_its_own(dim):
    """Different widths, with and without weights: the drift to rounding, T_2 to the tolerance."""
    network = Network(activation("tanh"), generated(40, dim, "sin(x)" if dim == 1 else "sin(x1)+x2"))
    plain = initial_weights(0, 30, dim, 1 / 30)
    other = initial_weights(1, 400, dim, 1 / 400)
    few = compress(other, 4, even=True)
    ensemble = Ensemble.of(network, [(plain, None), (few.nodes, few.weights)])
    drift = ensemble.drift(ensemble.states)
    weighted = Network(network.activation, network.data, neuron_weights=few.weights)
    assert np.allclose(drift[0, :30], network.drift(plain), rtol=1e-13)
    assert not np.any(drift[0, 30:])
    assert np.allclose(drift[1, : len(few.nodes)], weighted.drift(few.nodes), rtol=1e-13)
    found = ensemble.descent_times(9.0, rtol=1e-10)
    assert found[0] == pytest.approx(descent_time(simulate(network, plain, 9.0)), abs=1e-8)
    assert found[1] == pytest.approx(descent_time(simulate(weighted, few.nodes, 9.0)), abs=1e-8)


def test_a_descent_that_does_not_happen_is_not_a_number():
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"))
    ensemble = Ensemble.of(network, [(initial_weights(0, 9, 1, 1e-6), None), (np.array([[1.0, 1.2]]), None)])
    assert np.isnan(ensemble.descent_times(1.0)[0])
    assert ensemble.descent_times(1.0)[1] == 0.0


def test_bad_ensembles_are_refused():
    network = Network(activation("tanh"), generated(20, 1, "sin(x)"))
    with pytest.raises(InputError, match="at least one"):
        Ensemble.of(network, [])
    with pytest.raises(InputError, match="shape"):
        Ensemble.of(network, [(np.ones((3, 3)), None)])
    weighted = Network(network.activation, network.data, neuron_weights=np.ones(3))
    with pytest.raises(InputError, match="come with the draws"):
        Ensemble.of(weighted, [(np.ones((3, 2)), None)])
    with pytest.raises(InputError, match="zeta"):
        Ensemble.of(network, [(np.ones((3, 2)), None)]).descent_times(1.0, zeta=1.0)
    bad = Ensemble.of(network, [(np.array([[math.nan, 1.0]]), None)])
    with pytest.raises(InputError, match="finite"):
        bad.descent_times(1.0)


@pytest.mark.deep
def test_the_law_of_the_descent_time_with_its_constant():
    """T_2 = (α − ½) log m + ½ log(2 (1 − ζ)/ζ) + b/m at α = 1: slope and constant within their 99 % intervals."""
    network = Network(activation("tanh"), generated(60, 1, "sin(x)"))
    widths, values = [], []
    for width in (100, 300, 1000, 3000, 10**4, 3 * 10**4, 10**5):
        draws = []
        for seed in range(100):
            start = initial_weights(seed, width, 1, 1 / width)
            few = None if width < 400 else compress(start, 4, even=True)
            draws.append((start, None) if few is None else (few.nodes, few.weights))
        until = 0.5 * math.log(18 * width) + 0.5 + 5 / math.sqrt(2 * width)
        found = Ensemble.of(network, draws).descent_times(until)
        assert found.std(ddof=1) * math.sqrt(2 * width) == pytest.approx(1.0, abs=0.3)
        widths += [width] * len(found)
        values += found.tolist()
    fit = fit_logarithm(widths, values, corrected=True, weights=[float(m) for m in widths], level=0.99)
    assert fit.slope_interval[0] <= 0.5 <= fit.slope_interval[1]
    assert fit.constant_interval[0] <= 0.5 * math.log(18) <= fit.constant_interval[1]
    assert fit.slope_interval[1] - fit.slope_interval[0] < 2e-3
    # The reduced system's own correction and the full network's, per draw: −2.958/m + 1/(2m) − ½ m^{1 − 2α}.
    assert fit.correction_interval[0] <= -2.958 <= fit.correction_interval[1]
