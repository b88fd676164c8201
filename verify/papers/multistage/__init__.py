"""Claims of the multi-stage paper. Importing a module adds its claims; the order is the paper's."""

# isort: off
from verify.papers.multistage import chosen  # noqa: F401
from verify.papers.multistage import assumption3  # noqa: F401
from verify.papers.multistage import dynamics  # noqa: F401
from verify.papers.multistage import estimates  # noqa: F401
from verify.papers.multistage import estimates_integrated  # noqa: F401
from verify.papers.multistage import max_norm  # noqa: F401
from verify.papers.multistage import lemma_boxes  # noqa: F401
from verify.papers.multistage import bias  # noqa: F401
from verify.papers.multistage import wasserstein  # noqa: F401
from verify.papers.multistage import wasserstein_metric  # noqa: F401
from verify.papers.multistage import condensed_direction  # noqa: F401
from verify.papers.multistage import initial_plateau  # noqa: F401
from verify.papers.multistage import loss  # noqa: F401
from verify.papers.multistage import proof_steps  # noqa: F401
from verify.papers.multistage import stopping_program  # noqa: F401
from verify.papers.multistage import initial_descent  # noqa: F401
from verify.papers.multistage import monotonicity  # noqa: F401
from verify.papers.multistage import approximate_conservation  # noqa: F401
from verify.papers.multistage import lemma_search  # noqa: F401
from verify.papers.multistage import trajectory_search  # noqa: F401
from verify.papers.multistage import descent_time  # noqa: F401
from verify.papers.multistage import secondary_plateau  # noqa: F401
from verify.papers.multistage import critical_manifold  # noqa: F401
from verify.papers.multistage import conservation  # noqa: F401
from verify.papers.multistage import plateau_overshoot  # noqa: F401
from verify.papers.multistage import slow_flow  # noqa: F401
from verify.papers.multistage import first_order  # noqa: F401
from verify.papers.multistage import asymptotics  # noqa: F401
from verify.papers.multistage import descent_end  # noqa: F401
from verify.papers.multistage import descent_across  # noqa: F401
from verify.papers.multistage import across_closed  # noqa: F401
from verify.papers.multistage import laws_plateau  # noqa: F401
from verify.papers.multistage import laws_descent  # noqa: F401
from verify.papers.multistage import laws_across  # noqa: F401
from verify.papers.multistage import laws_amplitudes  # noqa: F401
from verify.papers.multistage import laws_late  # noqa: F401
from verify.papers.multistage import plateau_flow  # noqa: F401
from verify.papers.multistage import exit_constant  # noqa: F401
from verify.papers.multistage import plateau_stays  # noqa: F401
from verify.papers.multistage import laws_secondary  # noqa: F401
from verify.papers.multistage import plateau_across  # noqa: F401
from verify.papers.multistage import vector_multiplier  # noqa: F401
from verify.papers.multistage import rescaled  # noqa: F401
from verify.papers.multistage import probability  # noqa: F401
from verify.papers.multistage import probability_places  # noqa: F401
from verify.papers.multistage import necessity  # noqa: F401
from verify.papers.multistage import necessity_remainder  # noqa: F401
from verify.papers.multistage import necessity_descent  # noqa: F401
from verify.papers.multistage import necessity_start  # noqa: F401
from verify.papers.multistage import necessity_runs  # noqa: F401
from verify.papers.multistage import descent_shift  # noqa: F401
from verify.papers.multistage import overshoot_kappa  # noqa: F401
from verify.papers.multistage import gradient_descent  # noqa: F401
from verify.papers.multistage import backward_error  # noqa: F401
from verify.papers.multistage import experiments  # noqa: F401
from verify.papers.multistage import fig1_descent  # noqa: F401
from verify.papers.multistage import fig2  # noqa: F401
from verify.papers.multistage import fig3  # noqa: F401
from verify.papers.multistage import initialisation  # noqa: F401
from verify.papers.multistage import chi_squared  # noqa: F401
from verify.papers.multistage import sums_of_squares  # noqa: F401
from verify.papers.multistage import explicit_steps  # noqa: F401
from verify.papers.multistage import explicit_descent_steps  # noqa: F401
from verify.papers.multistage import explicit  # noqa: F401
from verify.papers.multistage import explicit_corollaries  # noqa: F401
from verify.papers.multistage import explicit_theorems  # noqa: F401
from verify.papers.multistage import descent_condition  # noqa: F401
from verify.papers.multistage import enclosed  # noqa: F401
from verify.papers.multistage import enclosed_descent  # noqa: F401

# isort: on
from verify.papers.multistage.paper import paper

__all__ = ["paper"]
