# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own theory
#
# A new activation, new data, new order parameters, claims and a negative control, from an empty page. Nothing has to be
# registered anywhere: this is what a file for `lemmata verify` looks like.

# %%
import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from scipy.integrate import solve_ivp

import theory
from numerics import Network, initial_weights
from numerics.activation import activation
from numerics.dataset import from_arrays
from numerics.simulate import simulate
from theory.codegen import numpy_function
from verify import Context, Paper
from verify.checks.simulation import Comparison, compare

plt.style.use("lemmata.mplstyle")

# %% [markdown]
# ## The model
#
# The activation is $\sigma(u) = u\,e^{-u^2}$. It is admitted only if it belongs to the class the theory is about, and that is
# proved; an even one is refused with the assumption that it breaks.

# %%
u, A, B = sp.symbols("u A B", real=True)
admitted = theory.admit(u * sp.exp(-(u**2)))
try:
    theory.admit(sp.cos(u))
except theory.TheoryError as refusal:
    print(refusal)

points, labels = [-2, -1, 1, 2], [-3, -1, 1, 3]
data = theory.data_model(theory.Empirical.of(points, labels), unit_norm=False)
derivation = theory.Derivation(1, admitted.taylor(1), data)
for rate in derivation.leading_order.drift:
    display(sp.factor(rate))

# %% [markdown]
# ## Order parameters of your choice
#
# Two modes: $A = \tfrac14\sum_k (a_k+w_k)^2$ and $B = \tfrac14\sum_k (a_k-w_k)^2$.

# %%
a, w = derivation.network.neuron.coordinates
field = theory.reduce(derivation.leading_order, {A: (a + w) ** 2 / 4, B: (a - w) ** 2 / 4})
for name, rate in zip(field.variables, field.components, strict=True):
    display(sp.Eq(sp.Derivative(name, sp.Symbol("t")), sp.factor(rate), evaluate=False))
display(theory.conserved_quantities(field, 2))

# %% [markdown]
# ## Theory and network
#
# The theory's system and a real network of 2000 neurons, started from the same weights:

# %%
start = initial_weights(seed=0, width=2000, dim=1, scale=1e-3)
run = simulate(Network(activation("u*exp(-u**2)"), from_arrays(points, labels)), start, until=3.0)


def mode(state, sign):
    return np.sum((state[:, 0] + sign * state[:, 1]) ** 2) / 4


predicted = solve_ivp(
    numpy_function(field), (0, 3), [mode(start, 1), mode(start, -1)], rtol=1e-9, dense_output=True
)
times = np.linspace(0, 3, 200)
figure, axes = plt.subplots()
axes.plot(times, predicted.sol(times)[0], label="A, reduced system")
axes.plot(times[::10], [mode(run.state(t), 1) for t in times[::10]], "o", color="C1", label="A, network")
axes.set(xlabel="time of the gradient flow", title="The growing mode")
axes.legend()
plt.show()

# %% [markdown]
# ## Claims
#
# Three statements: an identity that is to be proved, a control that is false and must come out so, and a comparison with
# the network which has a tolerance and an estimate of its own error.

# %%
paper = Paper("Growing and shrinking modes")
g = (7 - 5 * (A - B)) / 2
paper.identity("rates", field.components, [2 * A * g, -2 * B * g], title="A grows, B shrinks")
paper.identity("wrong", field.lie_derivative(A + B), 0, expected="REFUTED", expected_reason="a control")


def measure(context):
    end = predicted.sol(2.5)[0]
    measured = mode(run.state(2.5), 1)
    return [Comparison("t = 2.5", measured, end, tolerance=25 / 2000, error_estimate=1e-6)]


network_claim = paper.checked(
    "network", compare(measure, quantity="A"), uses=("rates",), title="The network agrees"
)

# %%
context = Context(effort="quick", seed=0)
for claim in paper:
    for check in claim.checks:
        evidence = check.run(context)
        print(f"{claim.id:8} {evidence.verdict.value:10} by {check.method}: {evidence.detail}")

# %% [markdown]
# ## Can the check fail?
#
# Altered versions of the first claim are made from its statement. Each one that counts comes with a witness: a point at which
# it is false, found by other code. The check has to reject them all.

# %%
for mutant in paper["rates"].mutants():
    verdict = mutant.run(context).verdict
    witness = mutant.witness()
    print(
        f"{verdict.value:10} {mutant.description:45} {'false at ' + witness if witness else 'not shown false'}"
    )

# %% [markdown]
# Put the definitions and the claims in a file, and `lemmata verify FILE.py` does all of this in worker processes, with a
# results file and a page to read; `lemmata mutate FILE.py` prints the controls.
