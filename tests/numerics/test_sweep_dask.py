"""A Dask cluster by its address: two workers, one sweep; and a scheduler that goes away in the middle of another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import numerics
from numerics import InputError
from numerics.sweep import export, sweep, workers
from numerics.sweep.grid import plan_of

CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    )
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path):
    """A cluster of two worker processes in a process of its own: its address and that process."""
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    root = str(Path(numerics.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        family = [psutil.Process(process.pid)]
        try:
            address = process.stdout.readline().strip()
            family += family[0].children(recursive=True)
            yield address, process
        finally:
            for one in family:
                if one.is_running():
                    one.kill()
            psutil.wait_procs(family[1:], timeout=30)


def rows(plan, folder, path):
    export(plan, folder, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.rsplit(",", 1)[0] for line in lines]  # without the seconds


def test_two_workers_do_a_phase_diagram_and_a_saturation(cluster, tmp_path):
    small = {"samples": 12, "inputs": 3, "outputs": 2, "width": [3, 5], "depth": [2, 3], "seed": "0..1"}
    for kind, more in (("phase-diagram", {"horizon": 10}), ("saturation", {"product": 20.0, "window": 5})):
        plan = plan_of({"kind": kind, **small, **more})
        whole = sweep(plan, tmp_path / f"{kind}-whole", dask=cluster[0])
        assert (whole.status, whole.made) == ("ok", 8), whole.message
        with ThreadPoolExecutor(1) as threads:
            sweep(plan, tmp_path / f"{kind}-alone", executor=threads)
        alone = rows(plan, tmp_path / f"{kind}-alone", tmp_path / "alone.csv")
        assert rows(plan, tmp_path / f"{kind}-whole", tmp_path / "whole.csv") == alone


def test_two_workers_do_a_sweep_and_a_scheduler_that_goes_away_loses_nothing(cluster, tmp_path, monkeypatch):
    address, process = cluster
    plan = plan_of({"width": [8, 12], "seed": "0..9", "samples": 12, "until": 6.0})
    seen = []
    whole = sweep(plan, tmp_path / "whole", dask=address, progress=seen.append)
    assert (whole.status, whole.made) == ("ok", 20), whole.message

    def go_away(progress):
        if progress.done >= 5 and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    longer = plan_of({"width": [8, 12], "seed": "0..199", "samples": 12, "until": 6.0})
    cut = sweep(longer, tmp_path / "cut", dask=address, progress=go_away)
    assert cut.status == "stopped"
    assert "scheduler" in cut.message
    assert 5 <= cut.made < 400
    assert f"{cut.made} of 400 runs are recorded" in cut.message
    monkeypatch.setattr(workers, "_CONNECT_SECONDS", 1.0)
    with pytest.raises(InputError, match="No Dask scheduler answers at"):
        sweep(longer, tmp_path / "cut", dask=address)
    with ThreadPoolExecutor(1) as threads:
        rest = sweep(plan, tmp_path / "cut", executor=threads)
        assert rest.before >= 1
        sweep(plan, tmp_path / "alone", executor=threads)
    alone = rows(plan, tmp_path / "alone", tmp_path / "alone.csv")
    assert len(alone) == 21
    assert rows(plan, tmp_path / "whole", tmp_path / "whole.csv") == alone
    assert rows(plan, tmp_path / "cut", tmp_path / "cut.csv") == alone
