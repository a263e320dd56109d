"""`qref quantize`: the weights of a model by any scheme."""

from pathlib import Path
from typing import Annotated

import typer


def quantize(
    model: Annotated[Path, typer.Argument(help="An ONNX file.", metavar="MODEL.onnx", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the quantized model goes.", metavar="OUT.onnx")],
    scheme: Annotated[str, typer.Option(help="bwn, ternary, uniform …; a wrong name lists them.", metavar="NAME")],
    bits: Annotated[int | None, typer.Option(help="Bits a weight; by default the scheme's own.", metavar="N")] = None,
    per_channel: Annotated[bool, typer.Option("--per-channel", help="A scale an output channel.")] = False,
    group: Annotated[
        int | None, typer.Option(help="A scale for G weights of a channel; sub-vectors of G.", metavar="G", min=1)
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(help="Input of the model, .npy, for schemes that look at activations.", metavar="F")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random stream, for schemes that draw.", metavar="S", min=0)] = 0,
    json: Annotated[Path | None, typer.Option(help="Where the table goes as JSON.", metavar="F")] = None,
) -> None:
    """Quantize the weights of a model; error and size of each layer, and a file that any ONNX runtime runs."""
    from qref.saveload.command import Options, quantize_command

    quantize_command(Options(model, output, scheme, bits, per_channel, group, inputs, seed, json))
