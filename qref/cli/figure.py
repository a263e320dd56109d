"""`qref figure`: the seed's figures that numbers can draw, and those of the algorithms."""

from pathlib import Path
from typing import Annotated

import typer


def figure(
    name: Annotated[str | None, typer.Argument(help="im2col, mec, roofline …; none lists them.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="An .svg file; .png to look at.")] = None,
    measured: Annotated[
        list[Path] | None,
        typer.Option(help="runtime-by-layer, roofline: a report of `qref bench layers --json`; one a dtype."),
    ] = None,
    peak: Annotated[float | None, typer.Option(help="roofline: billions of operations a second.")] = None,
    model: Annotated[Path | None, typer.Option(help="weight- and activation-histogram: an ONNX file.")] = None,
    inputs: Annotated[Path | None, typer.Option(help="activation-histogram: an input of the model, .npy.")] = None,
    bandwidth: Annotated[float | None, typer.Option(help="roofline: memory traffic, 10⁹ bytes a second.")] = None,
) -> None:
    """Draw a figure."""
    from qref.cli import columns
    from qref.errors import UsageError
    from qref.figures import FIGURES

    if name is None:
        for line in columns.lines(["figure", "shows"], [(one.name, one.title) for one in FIGURES.values()]):
            typer.echo(line)
        return
    if name not in FIGURES:
        raise UsageError(f"there is no figure {name}: {', '.join(FIGURES)}")
    if output is None:
        raise UsageError(f"where to? qref figure {name} -o {name}.svg")
    options = {"measured": measured or None, "peak": peak, "bandwidth": bandwidth, "model": model, "inputs": inputs}
    FIGURES[name].write(output, **options)
