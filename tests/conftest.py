"""One profile for all property tests: the same cases on every machine, no deadlines. One thread in every library, as
in the workers of a run: tests that run at once would wait for each other's threads."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from numerics.worker_start import ONE_THREAD

# Libraries read these when they are imported, and processes that a test starts inherit them.
os.environ.update(ONE_THREAD)

settings.register_profile(
    "fixed", derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fixed")
