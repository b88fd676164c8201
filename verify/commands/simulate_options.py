"""The options of `lemmata simulate`: what each is called, takes and means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verify.commands.config_file import take_defaults

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE.toml",
        help="Take options from a file, such as width = 100; those given here win over it.",
        is_eager=True,
        callback=take_defaults,
    ),
]
Width = Annotated[
    int | None, typer.Option("--width", metavar="M", help="Neurons. [default: 1000]", show_default=False)
]
Alpha = Annotated[
    float | None,
    typer.Option(
        "--alpha",
        metavar="A",
        help="Initial weights have size M**-A; above 1/2. [default: 1]",
        show_default=False,
    ),
]
ScaleA = Annotated[
    float | None,
    typer.Option(
        "--scale-a",
        metavar="E",
        help="Size of the initial outer weights a. [default: M**-A]",
        show_default=False,
    ),
]
ScaleW = Annotated[
    float | None,
    typer.Option(
        "--scale-w",
        metavar="E",
        help="Size of the initial inner weights w. [default: M**-A]",
        show_default=False,
    ),
]
Dim = Annotated[
    int | None, typer.Option("--dim", metavar="D", help="Input dimension. [default: 1]", show_default=False)
]
ActivationText = Annotated[
    str,
    typer.Option(
        "--activation",
        metavar="NAME|EXPR",
        help="tanh, erf, arctan, sin, rational, gd, or a formula in u.",
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="EXPR",
        help="A formula in x, or x1, x2, … [default: sin(x); sin(x1)+0.3*sin(2*x2) above dimension 1]",
        show_default=False,
    ),
]
Samples = Annotated[
    int | None,
    typer.Option(
        "--samples",
        metavar="N",
        help="Number of data points. [default: 60; 200 above dimension 1]",
        show_default=False,
    ),
]
Until = Annotated[
    float | None,
    typer.Option(
        "--until",
        metavar="T",
        help="Final time. [default: well past the predicted T2]",
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        metavar="S",
        help="The number the initial weights come from. [default: 0]",
        show_default=False,
    ),
]
Initial = Annotated[
    Path | None,
    typer.Option("--initial", metavar="FILE.csv", help="Initial weights: columns a, w1, …, wd."),
]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="FILE.csv", help="Data: columns x1, …, xd, y; not rescaled.")
]
Rtol = Annotated[
    float | None,
    typer.Option(
        "--rtol",
        metavar="R",
        help="Relative tolerance of each step. [default: 1e-10]",
        show_default=False,
    ),
]
Descent = Annotated[
    bool,
    typer.Option(
        "--descent/--no-descent",
        help="Gradient descent in place of the flow; time is H times steps.",
    ),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        "--learning-rate",
        metavar="H",
        help="With --descent: the size of a step. [default: 0.05]",
        show_default=False,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps",
        min=1,
        metavar="N",
        help="With --descent: how many. [default: as many as reach the final time]",
        show_default=False,
    ),
]
Batch = Annotated[
    int | None,
    typer.Option(
        "--batch",
        min=1,
        metavar="B",
        help="With --descent: samples in a step, drawn anew each epoch. [default: all of them]",
        show_default=False,
    ),
]
Neurons = Annotated[
    str | None,
    typer.Option(
        "--neurons",
        metavar="all|auto|quadrature",
        help="Simulate all neurons, or a few weighted ones with the same moments; auto: where it pays and is "
        "safe. [default: auto; all for a .npz]",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write loss, norms, P, Q to a .csv; and all weights to a .npz."
    ),
]
Plot = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE", help="Draw loss, norms, P and Q to a .png or .svg.")
]
Digits = Annotated[
    int | None,
    typer.Option(
        "--digits",
        metavar="N",
        help="Simulate to N significant digits, 15 to 400 (small networks); with --rigorous: the precision of the "
        "balls.",
        show_default=False,
    ),
]
RigorousFlag = Annotated[
    bool,
    typer.Option(
        "--rigorous/--no-rigorous",
        help="Prove intervals for the whole trajectory by ball arithmetic (small networks).",
    ),
]
Certificate = Annotated[
    Path | None,
    typer.Option(
        "--certificate",
        metavar="FILE.json",
        help="With --rigorous: write what `python -m numerics.certificate` checks again.",
    ),
]
