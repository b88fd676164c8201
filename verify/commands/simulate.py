"""`lemmata simulate`: the full network, and how far its P is from that of the reduced system."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from verify.commands.options import AsJson, print_json
from verify.commands.simulate_options import (
    ActivationText,
    Alpha,
    Batch,
    Certificate,
    Config,
    Data,
    Descent,
    Digits,
    Dim,
    Initial,
    LearningRate,
    Neurons,
    Out,
    Plot,
    RigorousFlag,
    Rtol,
    Samples,
    ScaleA,
    ScaleW,
    Seed,
    Steps,
    Target,
    Until,
    Width,
)

if TYPE_CHECKING:
    from verify.commands.experiment import Experiment, Series

INTERRUPTED = 130
NOT_FINISHED = 3
_SECONDS_A_LINE = 10.0


def run(
    config: Config = None,  # its callback has made it the default of the others
    width: Width = None,
    alpha: Alpha = None,
    scale_a: ScaleA = None,
    scale_w: ScaleW = None,
    dim: Dim = None,
    activation: ActivationText = "tanh",
    target: Target = None,
    samples: Samples = None,
    until: Until = None,
    seed: Seed = None,
    initial: Initial = None,
    data: Data = None,
    rtol: Rtol = None,
    descent: Descent = False,
    learning_rate: LearningRate = None,
    steps: Steps = None,
    batch: Batch = None,
    neurons: Neurons = None,
    out: Out = None,
    json: AsJson = False,
    plot: Plot = None,
    digits: Digits = None,
    rigorous: RigorousFlag = False,
    certificate: Certificate = None,
) -> None:
    """Simulate the full network and compare it with the theory.

    The gradient flow, or gradient descent, of f(x) = sum a_k tanh(w_k.x) from small random weights. Generated
    data have unit second moment, and the target is scaled to |z| = 1.
    """
    starts = {"--width": width, "--alpha": alpha, "--seed": seed, "--scale-a": scale_a, "--scale-w": scale_w}
    _refuse_together("--initial", initial, starts)
    _refuse_without(descent, {"--learning-rate": learning_rate, "--steps": steps, "--batch": batch})
    _refuse_together("--steps", steps, {"--until": until})
    chosen_neurons = _neurons(neurons, descent, out)
    _refuse_together("--data", data, {"--dim": dim, "--target": target, "--samples": samples})
    from numerics.errors import InputError
    from verify.commands.experiment import (
        StepRule,
        data_for,
        document,
        error_estimate,
        experiment,
        flow_deviation,
        run_experiment,
        series_of,
        why_not_reduced,
    )
    from verify.commands.trajectory_files import FIGURES, TABLES, check_writable, write_trajectory

    if out is not None:
        check_writable(out, TABLES, "--out")
    if plot is not None:
        check_writable(plot, FIGURES, "--plot")
    if certificate is not None and not rigorous:
        raise InputError("--certificate is for rigorous runs; add --rigorous, or leave it out.")
    if rigorous or digits is not None:
        options = {
            "--descent": descent or None,
            "--neurons": neurons,
            "--rtol": rtol,
            "--out": out,
            "--plot": plot,
        }
        _refuse_together("--rigorous" if rigorous else "--digits", True, options)
        chosen_neurons = "all"
    chosen = data_for(dim, target, samples, data)
    what = experiment(
        chosen,
        activation,
        width=1000 if width is None else width,
        alpha=1.0 if alpha is None else alpha,
        scale_a=scale_a,
        scale_w=scale_w,
        seed=0 if seed is None else seed,
        initial_file=initial,
        until=until,
        rule=StepRule(0.05 if learning_rate is None else learning_rate, steps, batch) if descent else None,
        neurons=chosen_neurons,
    )
    if rigorous:
        _enclose(what, activation, initial, data, certificate, json, digits)
        return
    if digits is not None:
        _follow_precisely(what, activation, digits, initial, data, json)
        return
    rtol = 1e-10 if rtol is None else rtol
    trajectory = run_experiment(what, rtol, _progress(what.until))
    series = series_of(trajectory)
    estimate, from_flow, compared = None, None, True
    if trajectory.status == "ok":
        try:
            estimate = error_estimate(what, rtol, series)
            from_flow = flow_deviation(what, trajectory, rtol)
        except KeyboardInterrupt:
            compared = False
    found = document(what, trajectory, series, estimate, from_flow)
    if out is not None:
        write_trajectory(out, trajectory, series)
    if plot is not None:
        _draw(plot, what, series, found)
    why_not = why_not_reduced(chosen)
    if json:
        print_json(found)
    else:
        for line in _lines(found):
            typer.echo(line)
    if why_not is not None:
        typer.echo(f"lemmata: no comparison with the reduced system: {why_not}.", err=True)
    refused = found["provenance"].get("neurons", {}).get("reason") or ""
    if "refused" in refused:
        typer.echo(f"lemmata: all neurons were simulated. {refused}", err=True)
    if trajectory.status != "ok":
        typer.echo(f"lemmata: {trajectory.message}{_kept(trajectory.end, out, plot)}", err=True)
        raise typer.Exit(INTERRUPTED if trajectory.status == "interrupted" else NOT_FINISHED)
    if not compared:
        typer.echo(
            "lemmata: Interrupted in the second run, which estimates the error; the first is complete.",
            err=True,
        )
        raise typer.Exit(INTERRUPTED)


def _kept(end: float, *files: Path | None) -> str:
    """What is in the files of a run that did not arrive."""
    names = [str(file) for file in files if file is not None]
    if not names:
        return ""
    holds, are = ("holds", "is") if len(names) == 1 else ("hold", "are")
    return f" {' and '.join(names)} {holds} the run up to t = {end:.6g} and {are} marked as partial."


def _follow_precisely(
    what: Experiment, activation: str, digits: int, initial: Path | None, data: Path | None, json: bool
) -> None:
    """The same run in multiple precision."""
    from verify.commands.precise import precise_document, precise_lines, run_precise

    run = run_precise(what, activation, digits, initial, data, _progress(what.until))
    document = precise_document(what, run)
    if json:
        print_json(document)
    else:
        for line in precise_lines(document):
            typer.echo(line)
    if run.status != "ok":
        typer.echo(f"lemmata: {run.message}", err=True)
        raise typer.Exit(INTERRUPTED if run.status == "interrupted" else NOT_FINISHED)


def _enclose(
    what: Experiment,
    activation: str,
    initial: Path | None,
    data: Path | None,
    certificate: Path | None,
    json: bool,
    digits: int | None,
) -> None:
    """Prove instead of simulate; exit status 3 where something is left UNDECIDED."""
    from verify.commands.enclosing import (
        check_certifiable,
        rigorous_document,
        rigorous_lines,
        run_rigorous,
        write_enclosure,
    )
    from verify.commands.trajectory_files import check_writable

    if certificate is not None:
        check_writable(certificate, (".json",), "--certificate")
        check_certifiable(activation)
    found = run_rigorous(what, activation, initial, data, _progress(what.until), digits)
    if certificate is not None and found.enclosure.steps:
        write_enclosure(found, certificate)
    document = rigorous_document(found)
    if json:
        print_json(document)
    else:
        for line in rigorous_lines(document):
            typer.echo(line)
    if found.reason:
        typer.echo(f"lemmata: {found.reason}", err=True)
    if found.status != "PROVED":
        interrupted = "interrupted" in found.enclosure.reason
        raise typer.Exit(INTERRUPTED if interrupted else NOT_FINISHED)


def _neurons(wanted: str | None, descent: bool, out: Path | None) -> str:
    """Which neurons to simulate: what was asked for, or what suits the rest."""
    from numerics.errors import InputError

    if wanted is None:
        return "all" if descent or (out is not None and out.suffix.lower() == ".npz") else "auto"
    if wanted not in ("all", "auto", "quadrature"):
        raise InputError(f"--neurons {wanted}: it is one of all, auto and quadrature.")
    if descent and wanted == "quadrature":
        raise InputError("--neurons quadrature is for the gradient flow; leave out --descent.")
    return wanted


def _refuse_without(descent: bool, others: dict[str, Any]) -> None:
    for other, given in others.items():
        if given is not None and not descent:
            from numerics.errors import InputError

            raise InputError(f"{other} is for gradient descent; add --descent, or leave it out.")


def _refuse_together(option: str, value: Any, others: dict[str, Any]) -> None:
    for other, given in others.items():
        if value is not None and given is not None:
            from numerics.errors import InputError

            raise InputError(f"{option} and {other} contradict each other; leave one of them out.")


def _progress(until: float) -> Callable[[float], None]:
    """A counter on stderr: in place for a person, a line now and then for a file; quick runs show nothing."""
    last, said = time.monotonic(), False
    if not sys.stderr.isatty():

        def write(reached: float) -> None:
            nonlocal last
            now = time.monotonic()
            if reached < until and now - last > _SECONDS_A_LINE:
                last = now
                typer.echo(f"lemmata: t = {reached:.3g} of {until:.3g}", err=True)

        return write

    def show(reached: float) -> None:
        nonlocal last, said
        now = time.monotonic()
        if reached >= until:
            if said:
                sys.stderr.write("\r\033[K")
        elif now - last > 0.5:
            last, said = now, True
            sys.stderr.write(f"\rt = {reached:.3g} of {until:.3g}")
            sys.stderr.flush()

    return show


def _draw(plot: Path, what: Experiment, series: Series, found: dict[str, Any]) -> None:
    from verify.commands.trajectory_plot import write_plot

    about = found["provenance"]
    title = f"{about['activation']}, m = {about['width']}, d = {about['dim']}"
    if what.alpha is not None:
        title += f", α = {what.alpha:g}, seed {about['seed']}"
    if "target" in about["data"]:
        title += f", target {about['data']['target']}"
    if found["status"] != "ok":
        title += f"\npartial: {found['status']} at t = {found['final']['t']:.6g}"
    write_plot(plot, series, found["milestones"], title)


def _lines(found: dict[str, Any]) -> list[str]:
    def shown(value: float | None, digits: int = 10) -> str:
        return "none" if value is None else f"{value:.{digits}g}"

    final, about = found["final"], found["provenance"]
    note = f" ({about['activation_note']})" if about["activation_note"] else ""
    lines = [
        f"status      {found['status']}",
        f"network     {about['activation']}, m = {about['width']}, d = {about['dim']}{note}",
        f"T1          {shown(found['milestones']['T1'])}",
        f"T2          {shown(found['milestones']['T2'])}",
        f"final t     {shown(final['t'])}",
        f"loss        {shown(final['loss'])}",
        f"P, Q        {shown(final['P'])}, {shown(final['Q'])}",
        f"|P - P of the reduced system|, largest: {shown(found['max_abs_P_minus_reduced'], 4)}",
    ]
    used = about.get("neurons", {})
    if used.get("simulated") == "quadrature":
        lines.insert(
            2, f"neurons     {used['representatives']} weighted ones, moments to degree {used['degree']}"
        )
    if "learning_rate" in about:
        lines.append(f"|P - P of the gradient flow|, largest: {shown(found['max_abs_P_minus_flow'], 4)}")
        lines.append(f"descent     {found['message']}")
    else:
        lines.append(f"error of P, estimated from a second run: {shown(found['error_estimate'], 2)}")
    return lines
