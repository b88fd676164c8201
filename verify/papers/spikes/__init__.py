"""Claims of the paper on loss spikes. Importing a module adds its claims; the order is the abstract's."""

# isort: off
from verify.papers.spikes import toy_map  # noqa: F401
from verify.papers.spikes import toy_energy  # noqa: F401
from verify.papers.spikes import toy_spiral  # noqa: F401
from verify.papers.spikes import toy_fate  # noqa: F401
from verify.papers.spikes import toy_rounding  # noqa: F401
from verify.papers.spikes import lower_is_sharper  # noqa: F401
from verify.papers.spikes import llas_alone  # noqa: F401
from verify.papers.spikes import growth  # noqa: F401
from verify.papers.spikes import frequency  # noqa: F401
from verify.papers.spikes import direction  # noqa: F401
from verify.papers.spikes import principle  # noqa: F401
from verify.papers.spikes import most_spikes  # noqa: F401
from verify.papers.spikes import flatness  # noqa: F401
from verify.papers.spikes import trends  # noqa: F401
from verify.papers.spikes import condensing  # noqa: F401
from verify.papers.spikes import condensing_rate  # noqa: F401
from verify.papers.spikes import precision  # noqa: F401

# isort: on
from verify.papers.spikes.paper import paper

__all__ = ["paper"]
