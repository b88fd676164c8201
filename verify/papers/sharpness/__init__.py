"""Claims of the paper on early training. Importing a module adds its claims; the order is the paper's."""

# isort: off
from verify.papers.sharpness import uv_reduction  # noqa: F401
from verify.papers.sharpness import uv_hessian  # noqa: F401
from verify.papers.sharpness import uv_fixed_points  # noqa: F401
from verify.papers.sharpness import uv_bounds  # noqa: F401
from verify.papers.sharpness import uv_critical  # noqa: F401
from verify.papers.sharpness import uv_sharpness_rise  # noqa: F401
from verify.papers.sharpness import uv_reduction_phase  # noqa: F401
from verify.papers.sharpness import uv_descent  # noqa: F401
from verify.papers.sharpness import uv_catapult  # noqa: F401
from verify.papers.sharpness import uv_chebyshev  # noqa: F401
from verify.papers.sharpness import uv_constants  # noqa: F401
from verify.papers.sharpness import uv_phases  # noqa: F401
from verify.papers.sharpness import uv_saturation  # noqa: F401
from verify.papers.sharpness import uv_sharpening  # noqa: F401
from verify.papers.sharpness import uv_edge  # noqa: F401
from verify.papers.sharpness import uv_edge_network  # noqa: F401
from verify.papers.sharpness import uv_naive  # noqa: F401
from verify.papers.sharpness import real_regimes  # noqa: F401
from verify.papers.sharpness import real_trends  # noqa: F401
from verify.papers.sharpness import real_reduction_phase  # noqa: F401
from verify.papers.sharpness import real_diagram  # noqa: F401
from verify.papers.sharpness import real_catapult  # noqa: F401
from verify.papers.sharpness import real_order  # noqa: F401
from verify.papers.sharpness import real_wide  # noqa: F401

# isort: on
from verify.papers.sharpness.paper import paper

__all__ = ["paper"]
