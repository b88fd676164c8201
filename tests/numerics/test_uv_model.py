"""The uv model with all its parameters: derivatives against differences and exact fractions, critical constants."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics.errors import InputError
from numerics.precision import working_precision
from numerics.uv_critical import critical_constants, first_rise, risen
from numerics.uv_model import UVNetwork, descend_uv, gaussian_weights, precise_descent

NETWORKS = (UVNetwork(), UVNetwork(0.7, 1.3))


@pytest.mark.parametrize("network", NETWORKS)
def test_gradient_and_hessian_against_differences(network: UVNetwork) -> None:
    u, v = gaussian_weights(3, 1, 3)
    step = 1e-6

    def moved(i: int, by: float) -> tuple[np.ndarray, np.ndarray]:
        point = np.concatenate([u[0], v[0]])
        point[i] += by
        return point[None, :3], point[None, 3:]

    slopes = np.concatenate(network.gradient(u, v), axis=-1)[0]
    dense = network.hessian(u, v)[0]
    for i in range(6):
        ahead, behind = moved(i, step), moved(i, -step)
        difference = (network.loss(*ahead)[0] - network.loss(*behind)[0]) / (2 * step)
        assert difference == pytest.approx(slopes[i], abs=1e-8)
        rows = [np.concatenate(network.gradient(*at), axis=-1)[0] for at in (ahead, behind)]
        np.testing.assert_allclose((rows[0] - rows[1]) / (2 * step), dense[i], atol=1e-8)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("width", [1, 2, 3, 16])
def test_products_trace_and_sharpness_against_the_dense_hessian(network: UVNetwork, width: int) -> None:
    u, v = gaussian_weights(1, 40, width)
    along_u, along_v = gaussian_weights(2, 40, width)
    dense = network.hessian(u, v)
    product = np.einsum("nij,nj->ni", dense, np.concatenate([along_u, along_v], axis=-1))
    np.testing.assert_allclose(
        np.concatenate(network.hessian_product(u, v, along_u, along_v), axis=-1), product
    )
    np.testing.assert_allclose(network.trace(u, v), np.trace(dense, axis1=-2, axis2=-1), rtol=1e-12)
    np.testing.assert_allclose(network.sharpness(u, v), np.linalg.eigvalsh(dense)[:, -1], rtol=1e-12)


def test_sharpness_where_the_krylov_space_is_small() -> None:
    """u = v: an eigenvector already; u·v = 0 with y = 0: the Hessian is a projection."""
    u = np.array([[1.0, 2.0, -1.0]])
    flat = np.array([[1.0, 0.0]]), np.array([[0.0, 3.0]])
    network = UVNetwork()
    assert network.sharpness(u, u)[0] == pytest.approx(
        np.linalg.eigvalsh(network.hessian(u, u))[0, -1], rel=1e-13
    )
    assert network.sharpness(*flat)[0] == pytest.approx(5.0, rel=1e-13)  # (|u|² + |v|²)/2


def test_draws_do_not_depend_on_the_batch() -> None:
    u, v = gaussian_weights(7, 6, 5)
    later_u, later_v = gaussian_weights(7, 2, 5, first=4)
    np.testing.assert_array_equal(u[4:], later_u)
    np.testing.assert_array_equal(v[4:], later_v)
    assert abs(np.mean(gaussian_weights(0, 4000, 4)[0])) < 4 / np.sqrt(16000)


def test_precise_descent_against_fractions() -> None:
    """Width 4, so that √w is 2: two steps in exact fractions."""
    first, second = (0.5, -1.25, 0.75, 1.0), (1.5, 0.25, -0.5, 0.75)
    u, v = [Fraction(c) for c in first], [Fraction(c) for c in second]
    at, target, rate = Fraction(1.5), Fraction(0.25), Fraction(0.125)
    orbit = precise_descent(first, second, x=1.5, y=0.25, rate=0.125, steps=2, bits=300)
    assert len(orbit) == 3
    for f, trace in orbit:
        out = at * sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 2
        squares = at**2 * sum((a * a + b * b for a, b in zip(u, v, strict=True)), Fraction(0)) / 4
        with working_precision(400):
            for ball, value in ((f, out), (trace, squares)):
                assert ball.contains(arb(value.numerator) / value.denominator)
                assert float(ball.rad()) < 1e-80
        slope = rate * (out - target) * at / 2
        u, v = (
            [a - slope * b for a, b in zip(u, v, strict=True)],
            [b - slope * a for a, b in zip(u, v, strict=True)],
        )


def test_first_rise_finds_a_known_crossing() -> None:
    borders = np.array([2.1, 3.456, 7.0, 99.0])
    found = first_rise(lambda which, c: c > borders[which], 4, start=2.0, stop=8.0)
    np.testing.assert_allclose(found[:3], borders[:3], atol=1e-4)
    assert np.isnan(found[3])


def test_divergence_is_at_four_times_the_trace() -> None:
    """k₀ = 4 is the border, whatever the width: c = 4 λ^H/λ, by the dense Hessian."""
    network = UVNetwork()
    u, v = gaussian_weights(5, 12, 3)
    border = 4 * np.linalg.eigvalsh(network.hessian(u, v))[:, -1] / network.trace(u, v)
    found = critical_constants(network, u, v, "divergence", steps=200, start=3.5)
    np.testing.assert_allclose(found, border, atol=2e-3)


def test_what_diverges_has_risen() -> None:
    network = UVNetwork()
    u, v = gaussian_weights(0, 5, 4)
    for watched in ("loss", "sharpness", "trace", "divergence"):
        assert risen(network, u, v, np.full(5, 50.0), 30, watched).all()
        assert not risen(network, u, v, np.full(5, 0.5), 30, watched).any()
    *_, last = descend_uv(network, u, v, 100.0, 40)
    assert not np.isfinite(last[0]).all()


def test_bad_input_is_one_sentence() -> None:
    with pytest.raises(InputError, match="must be finite, with x not zero"):
        UVNetwork(0.0, 1.0)
    with pytest.raises(InputError, match="cannot be made"):
        gaussian_weights(0, 0, 4)
    with pytest.raises(InputError, match="must be an integer from 0"):
        gaussian_weights(-1, 1, 4)
    u, v = gaussian_weights(0, 1, 2)
    with pytest.raises(InputError, match="is not watched"):
        risen(UVNetwork(), u, v, np.ones(1), 3, "colour")
    with pytest.raises(InputError, match="has none in which"):
        critical_constants(UVNetwork(), u, v, "loss", steps=0)
    with pytest.raises(InputError, match="cannot be searched"):
        first_rise(lambda which, c: c > 1, 1, start=3.0, stop=2.0)
