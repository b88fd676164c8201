"""Activations typed as formulas: their derivatives, and enclosures that agree with those of the built-in ones."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import acb, arb, arb_series

from numerics.activation import activation
from numerics.balls import from_formula
from numerics.balls.from_formula import ball_activation
from numerics.balls.network import BallNetwork
from numerics.balls.samples import of_dataset
from numerics.dataset import equidistant
from numerics.derivative import derivative
from numerics.errors import InputError
from numerics.expression import parse
from numerics.integrate.taylor import Samples, expand
from numerics.integrate.taylor_of_formula import FormulaChain
from numerics.integrate.tube import Settings, enclose
from numerics.network import Network
from numerics.precision import working_precision
from numerics.sampling import initial_weights
from numerics.simulate import simulate

SAME = {
    "tanh": ["tanh(u)", "tanh(3*u/2)", "sinh(u)/cosh(u)", "(exp(u)-exp(-u))/(exp(u)+exp(-u))"],
    "erf": ["erf(sqrt(pi)/2*u)", "erf(u)"],
    "arctan": ["atan(u)"],
    "sin": ["sin(u)"],
    "rational": ["u/sqrt(1+u**2)", "u*(1+u**2)**(-1/2)", "u*exp(-log(1+u**2)/2)"],
    "gd": ["2*atan(tanh(u/2))"],
}
PAIRS = [(name, text) for name, texts in SAME.items() for text in texts]
FORMULAS = [
    "u/(1+u**2)",
    "u*exp(-u**2)",
    "u - u**3/3",
    "sinh(u)/cosh(u)**3",
    "log(1+u**2)*u + tan(u/2)",
    "u*cos(u)",
]


@pytest.mark.parametrize("text", [*FORMULAS, *(text for _, text in PAIRS)])
def test_derivatives_of_trees_against_mpmath(text: str) -> None:
    tree = parse(text, ["u"]).tree
    functions = {
        name: getattr(mpmath, name) for name in ("sinh", "cosh", "exp", "log", "tan", "cos", "tanh", "erf")
    }
    functions |= {"sin": mpmath.sin, "atan": mpmath.atan, "sqrt": mpmath.sqrt}

    def value(part, u):
        kind = part[0]
        if kind in ("num", "const", "var"):
            return {"num": lambda: mpmath.mpf(part[1].numerator) / part[1].denominator,
                    "const": lambda: mpmath.pi, "var": lambda: u}[kind]()  # fmt: skip
        if kind == "call":
            return functions[part[1]](value(part[2], u))
        inside = [value(each, u) for each in part[1:]]
        if kind == "neg":
            return -inside[0]
        return {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
                "div": lambda a, b: a / b, "pow": lambda a, b: a**b}[kind](*inside)  # fmt: skip

    with mpmath.workdps(40):
        for place in (mpmath.mpf(3) / 10, mpmath.mpf(-7) / 5):
            for order, found in ((1, derivative(tree)), (2, derivative(derivative(tree)))):
                exact = mpmath.diff(lambda u: value(tree, u), place, order)
                assert abs(value(found, place) - exact) < 1e-12 * (1 + abs(exact))


@pytest.mark.parametrize(("name", "text"), PAIRS)
def test_a_formula_says_what_the_built_in_activation_says(name: str, text: str) -> None:
    with working_precision(100):
        built_in, typed = ball_activation(name), ball_activation(text)
        for u in (arb(0), arb(3) / 7, arb(-2), arb(Fraction(1, 3).numerator, 1e-3) / 3):
            for one, other in zip(built_in.interval(u), typed.interval(u), strict=True):
                assert one.overlaps(other)
        for box in (acb(arb(1) / 3, arb(1) / 5), acb(arb(0.2, 0.01), arb(-0.3, 0.01))):
            for one, other in zip(built_in.box(box), typed.box(box), strict=True):
                assert other.is_finite()
                assert one.overlaps(other)


@pytest.mark.parametrize(("name", "text"), PAIRS)
def test_tubes_of_a_formula_and_of_the_built_in_activation_overlap(name: str, text: str) -> None:
    data, start = equidistant(4, "sin(x)"), initial_weights(4, 3, 1, 0.1).tolist()
    with working_precision(80):
        samples = of_dataset(data, odd=ball_activation(text).odd)
        networks = BallNetwork.named(name, of_dataset(data)), BallNetwork.named(text, samples)
    one, other = (enclose(network, start, 3.0, Settings(bits=80)) for network in networks)
    assert one.status == other.status == "PROVED"
    assert other.largest_radius < 1e-20
    for time in (Fraction(1), Fraction(3)):
        pairs = zip(one.state(time), other.state(time), strict=True)
        assert all(p.overlaps(q) for ps, qs in pairs for p, q in zip(ps, qs, strict=True))


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_the_simulation_is_near_the_tube_of_a_formula(text: str) -> None:
    data, start = equidistant(4, "sin(x)"), initial_weights(4, 3, 1, 0.1)
    with working_precision(64):
        network = BallNetwork.named(text, of_dataset(data))
    found = enclose(network, start.tolist(), 3.0, Settings(bits=64))
    plain = simulate(Network(activation(text), data), start, 3.0, rtol=1e-12).state(3.0)
    assert found.status == "PROVED"
    middle = np.array([[float(entry.mid()) for entry in neuron] for neuron in found.state(Fraction(3))])
    assert np.abs(middle - plain).max() < 1e-9


def test_series_in_double_precision_are_those_of_the_built_in_chain() -> None:
    data = equidistant(6, "sin(x)")
    samples = Samples(data.x, data.y, data.weights)
    start = initial_weights(1, 4, 1, 0.5)
    defect = np.cos(np.arange(20 * 4 * 2)).reshape(20, 4, 2)
    for name, text in PAIRS:
        typed = ball_activation(text)
        assert typed.trees is not None

        def chain(terms: int, shape: tuple[int, ...], typed=typed) -> FormulaChain:
            return FormulaChain(typed.trees, typed.scale, terms, shape)

        one, other = expand(name, samples, start, 20), expand(chain, samples, start, 20)
        assert np.allclose(one.state, other.state, rtol=1e-10, atol=1e-12 * np.abs(one.state).max())
        size = np.abs(one.correct(defect)).max()
        assert np.allclose(one.correct(defect), other.correct(defect), rtol=1e-9, atol=1e-10 * size)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("u/(1+u**2)", acb(arb(0, 0.1), arb(1, 0.1))),  # a pole at i
        ("tan(u)", acb(arb(1.57, 0.1), arb(0, 0.1))),
        ("tanh(u)", acb(arb(0, 0.1), arb(1.57, 0.1))),
        ("u/sqrt(1+u**2)", acb(arb(0, 0.1), arb(2, 0.1))),  # cuts from ±i to ±i∞
        ("atan(u)", acb(arb(0, 0.1), arb(2, 0.1))),
        ("u*log(2+u)", acb(arb(-3), arb(0, 0.1))),
        ("u*(1-u)**(1/3)", acb(arb(2), arb(0, 0.1))),
    ],
)
def test_poles_and_cuts_have_no_finite_value(text: str, box: acb) -> None:
    with working_precision(64):
        value, _ = ball_activation(text).box(box)  # the slope of atan has none of its cuts
        assert not value.is_finite()


@pytest.mark.parametrize("text", ["u/(1-u**2)", "u*sqrt(1-u**2)", "log((1+u)/(1-u))/2"])
def test_a_box_with_a_singularity_is_undecided(text: str) -> None:
    data = equidistant(4, "sin(x)")
    with working_precision(64):
        network = BallNetwork.named(text, of_dataset(data, odd=False))
        edge = 1.0 / float(data.x.max())
    for start in ([[arb(0.1), arb(edge, 1e-3)]], [[arb(0.1), arb(edge + 0.5)]]):
        found = enclose(network, start, 2.0, Settings(bits=64))
        if text == "u/(1-u**2)" and start[0][1].is_exact():
            continue  # beyond its pole this one is analytic again
        assert found.status == "UNDECIDED"
        assert found.reached == 0
        assert "Enclosed up to t = 0 of 2" in found.reason


def test_refusals() -> None:
    with pytest.raises(InputError, match="analytic"):
        ball_activation("u + abs(u)*0")
    with pytest.raises(InputError, match="slope"):
        ball_activation("u**3")
    with pytest.raises(InputError, match="neither"):
        ball_activation("tanhh(u)")
    with working_precision(64), pytest.raises(InputError, match="odd"):
        BallNetwork.named("log((3+u)/(3-u))", of_dataset(equidistant(4, "sin(x)")))


@pytest.mark.parametrize(
    "text", ["log(u)", "sqrt(u)", "tanh(log(u))", "u/(pi-pi)", "1/u + u", "exp(u**(1/3))"]
)
def test_a_series_where_the_formula_has_none_has_no_finite_coefficient(text: str) -> None:
    tree = parse(text, ["u"]).tree
    found = from_formula._value(tree, arb_series([arb(0, 0.5), arb(1)], 4))
    assert not any(found[order].is_finite() for order in range(4))
