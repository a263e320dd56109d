"""`qref compress`: a model of low rank, pruned, coded, and Huffman coded."""

from pathlib import Path
from typing import Annotated

import typer


def compress(
    model: Annotated[Path, typer.Argument(help="An ONNX file.", metavar="MODEL.onnx", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the small model goes.", metavar="OUT.onnx")],
    prune: Annotated[
        str | None, typer.Option(help="The part of the weights that goes, 0.8; or N of M that stay, 2:4.", metavar="R")
    ] = None,
    prune_by: Annotated[
        str | None,
        typer.Option(help="What R is a part of: each layer, each channel, all weights (layer).", metavar="SCOPE"),
    ] = None,
    low_rank: Annotated[
        list[str] | None,
        typer.Option(
            help="METHOD:TARGET, once for each method: svd, spatial, channel, tucker2, cp; 0.9 of the energy, 2x "
            "faster, or rank=8.",
            metavar="M:T",
        ),
    ] = None,
    scheme: Annotated[str | None, typer.Option(help="A scheme or codebook of `qref quantize`.", metavar="NAME")] = None,
    bits: Annotated[int | None, typer.Option(help="Bits a weight; by default the scheme's own.", metavar="N")] = None,
    per_channel: Annotated[bool, typer.Option("--per-channel", help="A scale an output channel.")] = False,
    group: Annotated[
        int | None, typer.Option(help="A scale for G weights; sub-vectors of G.", metavar="G", min=1)
    ] = None,
    huffman: Annotated[bool, typer.Option("--huffman", help="Huffman's code for codes and gaps.")] = False,
    inputs: Annotated[
        Path | None, typer.Option(help="Input of the model, .npy: what the outputs are compared on.", metavar="F")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random stream, for schemes that draw.", metavar="S", min=0)] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a stopped run was.")] = False,
    json: Annotated[Path | None, typer.Option(help="Where the tables go as JSON.", metavar="F")] = None,
) -> None:
    """Make a model smaller; error and size of each layer, and a file that any ONNX runtime runs."""
    from qref.saveload.compress_command import Options, compress_command

    compress_command(
        Options(
            model,
            output,
            prune,
            prune_by,
            tuple(low_rank or ()),
            scheme,
            bits,
            per_channel,
            group,
            huffman,
            inputs,
            seed,
            resume,
            json,
        )
    )
