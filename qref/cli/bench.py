"""`qref bench`: timing."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Timing: the fast paths, beside other engines.", no_args_is_help=True)

Names = list[str]


@app.command("layers")
def layers(
    dtype: Annotated[str, typer.Option(help="float32, int8 or binary.", metavar="T")] = "float32",
    algorithms: Annotated[
        Names | None, typer.Option(help="Names, commas between; sparse-direct@75: 75 % zero weights.", metavar="A,…")
    ] = None,
    peer: Annotated[
        Names | None, typer.Option(help="onnxruntime, naive-c: timed in turn with qref.", metavar="P,…")
    ] = None,
    layers: Annotated[Names | None, typer.Option(help="conv1 … conv10.", metavar="L,…")] = None,
    repeat: Annotated[int, typer.Option(help="Timed runs of each.", min=1, metavar="N")] = 30,
    threads: Annotated[int, typer.Option(help="Threads of each.", min=1, metavar="N")] = 1,
    json: Annotated[Path | None, typer.Option(help="Where the report goes.", metavar="F")] = None,
) -> None:
    """Time the algorithms of convolution on the ten layers, outputs checked first.

    Exit code: 0, or 1 where an output was not within its bound.
    """
    from qref.bench.command import Options, layers_command

    options = Options(layers or (), algorithms or (), dtype, peer or (), repeat, threads, json)
    raise typer.Exit(layers_command(options))


@app.callback()
def _options() -> None:
    pass
