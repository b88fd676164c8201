"""Certificates: what the integrator proves is confirmed by the checker, and what was tampered with is not."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb

import numerics.certificate
from numerics.balls.network import BallNetwork
from numerics.balls.samples import of_dataset
from numerics.certificate import check, check_file
from numerics.certificate.__main__ import main
from numerics.dataset import equidistant, halton
from numerics.errors import InputError
from numerics.integrate.crossing import descent_time
from numerics.integrate.export import certificate, write_certificate
from numerics.integrate.tube import Settings, enclose
from numerics.precision import working_precision
from numerics.sampling import initial_weights

ZETA = Fraction(1, 10)


def made(name: str, dim: int, until: float = 4.0, radius: float = 0.0) -> dict[str, Any]:
    data = equidistant(5, "sin(x)") if dim == 1 else halton(3, 2, "sin(x1)+0.3*sin(2*x2)")
    with working_precision(64):
        network = BallNetwork.named(name, of_dataset(data))
    start = initial_weights(4, 3, dim, 0.05).tolist()
    found = enclose(network, [[arb(v, radius) for v in row] for row in start], until, Settings(bits=64))
    return certificate(found, {ZETA: descent_time(found, ZETA)})


@pytest.fixture(scope="module")
def honest() -> dict[str, Any]:
    return made("tanh", 1, 6.0)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("name", ["tanh", "erf", "arctan", "sin", "rational", "gd"])
def test_every_activation_is_confirmed(name: str, dim: int) -> None:
    document = made(name, dim)
    found = check(json.loads(json.dumps(document)))
    assert found.reason == ""
    assert found.holds
    assert found.reached == 4
    assert found.radius < 1e-16


def test_boxes_and_brackets_are_confirmed(honest: dict[str, Any]) -> None:
    found = check(honest)
    assert (found.holds, found.brackets) == (True, 1)
    found = check(made("tanh", 1, 6.0, radius=1e-9))
    assert (found.holds, found.brackets) == (True, 1)
    assert 1e-9 < found.radius < 1e-5


def shifted(text: str, by: int) -> str:
    mantissa, exponent = text.split(":")
    return f"{int(mantissa, 16) + by:x}:{exponent}"


def scaled(text: str, exponent: int) -> str:
    mantissa, old = text.split(":")
    return f"{mantissa}:{int(old) + exponent}"


def tampered_coefficient(document: Any) -> None:
    row = document["steps"][3]["polynomials"][1][0]
    row[2] = shifted(row[2], 2 ** (len(row[2].split(":")[0]) * 4 - 30))


def tampered_tube(document: Any) -> None:
    document["steps"][2]["tube"] = scaled(document["steps"][2]["tube"], -4)


def tampered_rates(document: Any) -> None:
    document["steps"][2]["rates"] = [scaled(rate, -1) for rate in document["steps"][2]["rates"]]


def tampered_radius(document: Any) -> None:
    document["steps"][-1]["radii"][-1] = scaled(document["steps"][-1]["radii"][-1], -2)


def tampered_disc(document: Any) -> None:
    for step in document["steps"]:
        step["disc"] = scaled(step["disc"], 3)


def tampered_initial(document: Any) -> None:
    document["initial"][0][0][0] = shifted(document["initial"][0][0][0], 2**20)


def tampered_label(document: Any) -> None:
    document["data"]["y"][0][0] = shifted(document["data"]["y"][0][0], 2**20)


def tampered_activation(document: Any) -> None:
    document["activation"] = "arctan"


def tampered_gap(document: Any) -> None:
    del document["steps"][2]


def tampered_horizon(document: Any) -> None:
    document["reached"] = "7:0"


def tampered_bracket(document: Any) -> None:
    bracket = document["descents"][0]
    bracket["low"], bracket["high"] = bracket["high"], scaled(bracket["high"], 0)


def tampered_early_bracket(document: Any) -> None:
    document["descents"][0]["high"] = document["descents"][0]["low"]


def tampered_level(document: Any) -> None:
    document["descents"][0]["zeta"] = "1/11"


@pytest.mark.parametrize(
    "change",
    [
        tampered_coefficient,
        tampered_tube,
        tampered_rates,
        tampered_radius,
        tampered_disc,
        tampered_initial,
        tampered_label,
        tampered_activation,
        tampered_gap,
        tampered_horizon,
        tampered_bracket,
        tampered_early_bracket,
        tampered_level,
    ],
)
def test_what_was_tampered_with_does_not_hold(honest: dict[str, Any], change: Callable[[Any], None]) -> None:
    document = copy.deepcopy(honest)
    change(document)
    found = check(document)
    assert not found.holds
    assert found.reason.startswith("The certificate does not hold")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("steps"),
        lambda d: d.update(schema="lemmata/enclosure/0"),
        lambda d: d.update(bits=0),
        lambda d: d.update(bits=True),
        lambda d: d.update(activation="relu"),
        lambda d: d["initial"][0].pop(),
        lambda d: d["data"]["weights"].pop(),
        lambda d: d["data"]["weights"].__setitem__(0, ["-1:0", "0:0"]),
        lambda d: d["steps"][0].update(tube="1:99999999999"),
        lambda d: d["steps"][0].update(tube="nan"),
        lambda d: d["steps"][0]["polynomials"].pop(),
        lambda d: d["steps"][0]["rates"].pop(),
        lambda d: d["descents"][0].update(zeta="nan"),
    ],
)
def test_malformed_certificates_are_bad_input(honest: dict[str, Any], change: Callable[[Any], Any]) -> None:
    document = copy.deepcopy(honest)
    change(document)
    with pytest.raises(InputError):
        check(document)


def test_files_and_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with working_precision(64):
        network = BallNetwork.named("sin", of_dataset(equidistant(4, "sin(x)")))
    found = enclose(network, [[0.1, 0.2]], 1.0, Settings(bits=64))
    path = tmp_path / "run.json"
    write_certificate(found, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]
    assert check_file(path).holds
    assert main([str(path)]) == 0
    assert "holds up to t = 1" in capsys.readouterr().out
    document = json.loads(path.read_text())
    document["reached"] = "2:0"
    path.write_text(json.dumps(document))
    assert main([str(path)]) == 1
    path.write_text("{")
    assert main([str(path)]) == 2
    assert main([]) == 2
    with pytest.raises(InputError, match="cannot be written"):
        write_certificate(found, tmp_path / "none" / "run.json")
    nothing = enclose(network, [[0.1, 0.2]], 1.0, Settings(bits=64, max_steps=0))
    with pytest.raises(InputError, match="nothing to certify"):
        write_certificate(nothing, path)


def test_the_checker_shares_no_code_with_the_integrator() -> None:
    allowed = {"__future__", "json", "math", "sys", "dataclasses", "fractions", "pathlib", "typing", "flint"}
    allowed |= {"numerics.errors", "numerics.precision"}
    for file in Path(numerics.certificate.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= allowed
            elif isinstance(node, ast.ImportFrom):
                assert node.module in allowed or str(node.module).startswith("numerics.certificate")
