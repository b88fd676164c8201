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
# # A derivation from scratch
#
# A two-layer network $f(x) = \sum_{k=1}^{m} a_k\,\sigma(w_k x)$ learns a target $f^*$ by gradient flow on the mean
# squared error, from small weights. Here its first-order theory is derived: nothing is typed in but the network.
# The width $m$ is a symbol throughout, so every line holds for any number of neurons.

# %%
import sympy as sp

import theory
from theory import Derivation, P, Q
from theory.codegen import numpy_function

derivation = Derivation(dim=1)
derivation.network.risk

# %% [markdown]
# ## The exact flow
#
# Two kinds of brackets carry the sums: over neurons, $\sum_j$, and over the data, $\int \cdot\,\rho$. The derivative of the
# risk with respect to the weights of neuron $k$ gives its drift. First the output weight, then the input weight:

# %%
derivation.flow.drift[0]

# %%
derivation.flow.drift[1]

# %% [markdown]
# ## Small weights
#
# Write $\sigma(u) = u + \delta(u)$. The remainder $\delta$ is kept, so the next line is still an identity and not an
# approximation. The data have mean square 1, and the linear part of the target is $\int f^* x\,\rho = 1$.

# %%
derivation.expanded.drift[0]

# %% [markdown]
# What does not contain $\delta$ is the leading order. All neurons share one factor, which vanishes when the sum
# $\sum_j a_j w_j$ reaches 1: that is the plateau on which the network gets stuck.

# %%
for rate in derivation.leading_order.drift:
    display(sp.factor(rate))

# %%
derivation.critical_factor

# %% [markdown]
# ## Two numbers instead of $2m$
#
# Take $P = \sum_k a_k w_k$ and $Q = \tfrac12\sum_k (a_k^2 + w_k^2)$. Their rates can be expressed in $P$ and $Q$ alone; the reduction
# finds that out, and would refuse otherwise.

# %%
reduced = derivation.reduced
for name, rate in zip(reduced.variables, reduced.components, strict=True):
    display(sp.Eq(sp.Derivative(name, sp.Symbol("t")), sp.factor(rate), evaluate=False))

# %% [markdown]
# It does refuse when the order parameters are not enough. Keep the cubic term of the activation, and the message says
# which sums are missing:

# %%
cubic = Derivation(1, theory.tanh_like(3))
try:
    cubic.reduced
except theory.NotClosed as refusal:
    print(refusal)

# %% [markdown]
# ## Conservation law, logistic equation, closed form
#
# The null space of a polynomial ansatz finds what the reduced system conserves. On its level 0, where $Q = P$, one
# equation is left.

# %%
display(derivation.conserved)
display(sp.factor(derivation.logistic.components[0]))

# %% [markdown]
# The whole system has a closed solution, too: $P$ and $Q$ as functions of $v = e^{2s}$, where $s$ is the time that a clock
# shows which runs at the speed $1-P$, and the time $t$ as a function of $v$.

# %%
solution = derivation.descent
display(sp.Eq(P, solution.P, evaluate=False), sp.Eq(Q, solution.Q, evaluate=False))
display(sp.Eq(sp.Symbol("t"), sp.simplify(solution.t), evaluate=False))

# %% [markdown]
# Does it solve the system? Substituting decides it, in a class of expressions in which zero can be recognised:

# %%
v = solution.v
rate = sp.diff(solution.P, v) / sp.diff(solution.t, v)
residual = rate - 2 * solution.Q * (1 - solution.P)
decision = theory.decide_zero(sp.simplify(residual))
print("zero:", decision.is_zero, "· class:", decision.stated_class)

# %% [markdown]
# ## Numbers out of formulas
#
# The reduced system becomes a NumPy function, generated from the expression above.

# %%
import matplotlib.pyplot as plt
import numpy as np
from scipy.integrate import solve_ivp

plt.style.use("lemmata.mplstyle")
start = {solution.A: sp.Rational(1, 50), solution.B: sp.Rational(1, 100)}  # P = A − B and Q = A + B at v = 1
run = solve_ivp(numpy_function(reduced), (0, 6), [0.01, 0.03], rtol=1e-10, dense_output=True)

# v grows from 1 to the value at which P = 1, where the clock stops: points that lie close together at both ends.
last = float(max(sp.solve(sp.Eq(solution.P, 1).subs(start), v)))
grid = 1 + (last - 1) / (1 + np.exp(-np.linspace(-4, 9, 30)))
times = sp.lambdify(v, solution.t.subs(start))(grid)
values = sp.lambdify(v, solution.P.subs(start))(grid)

figure, axes = plt.subplots()
fine = np.linspace(0, 6, 300)
axes.plot(fine, run.sol(fine)[0], label="P, reduced system integrated")
axes.plot(fine, run.sol(fine)[1], "--", label="Q")
axes.plot(times, values, "o", color="C3", markersize=4, label="P, closed form")
axes.set(
    xlim=(0, 6),
    xlabel="time of the gradient flow",
    title="Plateau, descent, plateau: the theory in two numbers",
)
axes.legend()
plt.show()
