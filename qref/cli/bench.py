"""`qref bench`: timing."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qref.bench.report import Report

app = typer.Typer(help="Timing: the fast paths, beside other engines.", no_args_is_help=True)

Names = list[str]


@app.command("layers")
def layers(
    dtype: Annotated[str, typer.Option(help="float32, int8, binary, 2-bit or powers.", metavar="T")] = "float32",
    algorithms: Annotated[
        Names | None,
        typer.Option(help="Names, commas between; sparse-75: 75 % zero weights; default: as chosen.", metavar="A,…"),
    ] = None,
    peer: Annotated[
        Names | None,
        typer.Option(
            help="onnxruntime, openvino, torch, ncnn, mnn, litert, naive-c: in turn with qref.", metavar="P,…"
        ),
    ] = None,
    layers: Annotated[Names | None, typer.Option(help="conv1 … conv10.", metavar="L,…")] = None,
    repeat: Annotated[int, typer.Option(help="Timed runs of each.", min=1, metavar="N")] = 30,
    threads: Annotated[int, typer.Option(help="Threads of each.", min=1, metavar="N")] = 1,
    tune: Annotated[
        bool, typer.Option("--tune", help="Measure what default takes on each layer, and keep it.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Where the report goes.", metavar="F")] = None,
    figure: Annotated[Path | None, typer.Option(help="Where its bars go, an .svg file.", metavar="F")] = None,
) -> None:
    """Time the algorithms of convolution on the ten layers, outputs checked first.

    Exit code: 0, or 1 where an output was not within its bound.
    """
    from qref.bench.command import Options, layers_command

    options = Options(layers or (), algorithms or (), dtype, peer or (), repeat, threads, tune, json)
    raise typer.Exit(layers_command(options, speedups(), None if figure is None else drawer(figure)))


@app.command("figure")
def figure(
    report: Annotated[Path, typer.Argument(help="A report of qref bench layers --json.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="An .svg file; .png to look at.")],
) -> None:
    """Draw a report as bars: operations a second on each layer, below the peak."""
    from qref.bench.report import Report

    drawer(output)(Report.read(report))


def drawer(path: Path) -> Callable[["Report"], None]:
    """What draws a report into a file. Raises MissingExtra and UsageError before anything is timed."""
    from qref.figures import paper
    from qref.figures.bench_by_layer import FIGURE

    paper.require()
    FIGURE.check(path)
    return lambda report: FIGURE.write(path, report=report)


@app.command("goals")
def goals(
    reports: Annotated[list[Path], typer.Argument(help="Reports of qref bench layers --json, one a dtype.")],
) -> None:
    """Print each goal of the fast paths, what the reports reach, and whether it is met.

    Exit code: 0, or 1 where one is missed.
    """
    from qref.bench.command import goals_command

    raise typer.Exit(goals_command(reports, speedups()))


@app.command("memory")
def memory(
    layers: Annotated[Names | None, typer.Option(help="conv1 … conv10.", metavar="L,…")] = None,
) -> None:
    """Measure the memory of float32 direct convolution against input + output + weights.

    Exit code: 0, or 1 where it is more than 5 % above on a layer.
    """
    from qref.bench.command import memory_command

    raise typer.Exit(memory_command(layers or ()))


@app.command("schemes")
def schemes(
    scheme: Annotated[
        Names | None, typer.Option(help="Names; by default all without repeated passes.", metavar="S,…")
    ] = None,
    granularity: Annotated[
        str | None, typer.Option(help="tensor, channel or group (of 64); by default each scheme's own.", metavar="G")
    ] = None,
    layers: Annotated[
        str, typer.Option(help="vgg-19, or alexnet-fc6: its largest layer, 38 million weights.", metavar="L")
    ] = "vgg-19",
) -> None:
    """Time weight schemes on the 143 million weights of VGG-19's shape, and measure their memory.

    Exit code: 0, or 1 where one takes a minute or three times the weights' memory.
    """
    from qref.bench.command import schemes_command

    raise typer.Exit(schemes_command(scheme or (), granularity, layers))


@app.command("codebooks")
def codebooks(
    layers: Annotated[Names | None, typer.Option(help="fc6, fc7, fc8, conv2, conv3.", metavar="L,…")] = None,
    repeat: Annotated[int, typer.Option(help="Timed runs of each.", min=1, metavar="N")] = 30,
    threads: Annotated[int, typer.Option(help="Threads of each.", min=1, metavar="N")] = 1,
    json: Annotated[Path | None, typer.Option(help="Where the report goes.", metavar="F")] = None,
) -> None:
    """Time layers of codes beside dense ones: AlexNet's fully-connected layers, batch 1, and two convolutions.

    Exit code: 0, or 1 where an output was not within its bound, or look-ups were slower than ONNX Runtime's Gemm.
    """
    from qref.bench.command import codebooks_command

    raise typer.Exit(codebooks_command(layers or (), repeat, threads, json))


def speedups() -> dict[str, dict[str, float]]:
    """The seed's speed-ups of sparse over dense direct convolution, by algorithm and layer."""
    from qref.tables import seed

    dense = seed.RUNTIME_SPARSE[0.0]
    return {
        f"sparse-direct@{round(100 * zeros)}": {layer: dense.of(layer) / row.of(layer) for layer in seed.LAYERS}
        for zeros, row in seed.RUNTIME_SPARSE.items()
        if zeros
    }


@app.callback()
def _options() -> None:
    pass
