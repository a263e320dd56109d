"""`qref compress`: from options to a file and tables."""

import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from qref.errors import BadModel, QrefError, UsageError
from qref.quantizers.encoded import Encoded
from qref.saveload import command, onnx_file
from qref.saveload.checkpoint import Checkpoint
from qref.saveload.command import aligned, cells, left_alone, members_of, sources_apart, total, watched, write
from qref.saveload.compress import Pruning, Split, compressing, split, target
from qref.saveload.layer_inputs import outputs
from qref.saveload.low_rank_graph import Target
from qref.saveload.quantize import Encode, Row, quantize
from qref.saveload.schemes import SCHEMES
from qref.saveload.weights import Weight, weights

HEAD = ("layer", "op", "shape", "weights", "left %", "bits/weight", "KB", "was KB", "error %", "SNR dB")
SPLIT_HEAD = ("layer", "op", "shape", "method", "rank", "weights", "were", "MACs %", "error %")


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    model: Path
    output: Path
    prune: str | None = None
    prune_by: str | None = None
    low_rank: tuple[str, ...] = ()
    scheme: str | None = None
    bits: int | None = None
    per_channel: bool = False
    group: int | None = None
    huffman: bool = False
    inputs: Path | None = None
    seed: int = 0
    resume: bool = False
    json: Path | None = None


@dataclass(frozen=True)
class Result:
    """What came out. splits: layers of low rank. rows: weights that are coded. was, size: bytes of the files.

    farthest: the largest difference of outputs over the largest output, where inputs were given.
    """

    splits: list[Split]
    rows: list[Row]
    was: int
    size: int
    farthest: float | None


def compress_command(options: Options) -> None:
    """Compresses, writes the model, prints the tables.

    Raises:
        UsageError: options that there are not, or that exclude each other, or nothing to do.
        BadModel: the model cannot be read or written, or has no weights.
        MissingExtra: onnx_ir is not installed, or onnxruntime where inputs are given.
    """
    refuse(options)
    wanted = [target(text) for text in options.low_rank]
    pruning = None if options.prune is None else Pruning.read(options.prune, options.prune_by)
    model = onnx_file.load(options.model)
    sources = sources_apart(model, options.output, options.json, options.inputs)
    was = sum(path.stat().st_size for path in sources)
    for path in (options.output, options.json):
        if path is not None:
            can_be_written(path)
    if options.output.exists() and not options.output.is_file():
        raise BadModel(f"{options.output}: cannot be written: it is no regular file")
    if not weights(model):
        raise BadModel("no constant float32 weights of Conv, ConvTranspose, Gemm or MatMul")
    before = None if options.inputs is None else outputs(options.model, model, options.inputs)
    read = [*sources, *([] if options.inputs is None else [options.inputs])]
    checkpoint = Checkpoint.of(options.output, read, key(options), options.resume)
    out = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
    try:
        splits, rows = compressed(options, model, wanted, pruning, checkpoint, out)
        size = onnx_file.save(model, options.output)  # where the disk is full, what is done stays for another run
    except KeyboardInterrupt:
        print("qref: interrupted; `--resume` goes on where this stopped", file=sys.stderr)
        raise
    checkpoint.remove()
    farthest = None
    if options.inputs is not None and before is not None:
        farthest = difference(before, outputs(options.output, model, options.inputs))
    result = Result(splits, rows, was, size, farthest)
    show(options, model, result, out)
    if options.json is not None:
        write(options.json, as_json(options, result))


def compressed(
    options: Options,
    model: Any,
    wanted: Sequence[tuple[str, Target]],
    pruning: Pruning | None,
    checkpoint: Checkpoint,
    out: Console,
) -> tuple[list[Split], list[Row]]:
    """Rewrites the model; what became of its layers and weights. A layer that is refused ends the checkpoint."""
    splits: list[Split] = []
    rows: list[Row] = []
    try:
        if wanted:
            found = split(model, wanted, checkpoint.kept)
            seen = watched(found, len(weights(model)), out, lambda one: one[0], "low rank")
            splits = [one for _, one in seen if one is not None]
        if pruning is not None or options.scheme is not None:
            encode = resumed(compressing(model, pruning, scheme(options, model), options.huffman), checkpoint)
            rows = list(watched(quantize(model, encode), len(weights(model)), out, lambda row: row.name, "coding"))
    except QrefError:
        checkpoint.remove()
        raise
    return splits, rows


def can_be_written(path: Path) -> None:
    """Raises BadModel before the work where its file could not be written after it."""
    why = None if path.parent.is_dir() else f"there is no folder {path.parent}"
    if why is None and not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "Permission denied"
    if why is None and path.is_dir():
        why = "it is a folder"
    if why is not None:
        raise BadModel(f"{path}: cannot be written: {why}")


def refuse(options: Options) -> None:
    """Raises UsageError for options that do not go together."""
    if options.scheme is None and options.prune is None and not options.low_rank:
        raise UsageError("nothing to do: give --low-rank, --prune or --scheme")
    if options.huffman and options.scheme is None and options.prune is None:
        raise UsageError("--huffman makes codes shorter: give --scheme, or --prune, whose gaps are codes")
    if options.prune_by is not None and options.prune is None:
        raise UsageError("--prune-by says what the part of --prune is of: give --prune as well")
    alone = {"--bits": options.bits, "--group": options.group, "--per-channel": options.per_channel or None}
    for name, value in alone.items():
        if value is not None and options.scheme is None:
            raise UsageError(f"{name} belongs to a scheme: give --scheme as well")
        if value is not None and options.prune is not None and name != "--bits":
            raise UsageError(
                f"{name} gives a layer several scales or codebooks, --prune leaves it one: leave {name} out"
            )
    if options.scheme is not None:
        given = for_scheme(options, options.scheme)
        command.refuse(given)
        SCHEMES[options.scheme].of(options.bits, command.granularity(given))
        if options.prune is not None and SCHEMES[options.scheme].inputs:
            raise UsageError(f"scheme {options.scheme} looks at whole layers, of which --prune leaves a part: give one")


def key(options: Options) -> dict[str, Any]:
    """The options that decide what a layer becomes."""
    left_out = {"model", "output", "resume", "json", "inputs"}
    return {name: value for name, value in asdict(options).items() if name not in left_out}


def scheme(options: Options, model: Any) -> Encode | None:
    """What encodes a weight by the scheme that is asked for, if one is. Raises UsageError as `qref quantize` does."""
    return None if options.scheme is None else command.encoder(for_scheme(options, options.scheme), model)


def for_scheme(options: Options, name: str) -> command.Options:
    """The options as `qref quantize` has them."""
    return command.Options(
        options.model,
        options.output,
        name,
        options.bits,
        options.per_channel,
        options.group,
        options.inputs,
        options.seed,
    )


def resumed(encode: Encode, checkpoint: Checkpoint) -> Encode:
    """The same, what a run that was stopped had encoded already taken from there."""

    def kept(weight: Weight, W: NDArray[np.float32], number: int) -> Encoded:
        found: Encoded = checkpoint.kept(f"code {number} {weight.name}", lambda: encode(weight, W, number))
        return found

    return kept


def difference(before: list[NDArray[Any]], after: list[NDArray[Any]]) -> float:
    """The largest difference of the first outputs over the largest of the model's, 0 where that is 0."""
    y, z = before[0].astype(np.float64), after[0].astype(np.float64)
    largest = float(np.abs(y).max(initial=0.0))
    return float(np.abs(y - z).max(initial=0.0)) / largest if largest else 0.0


def show(options: Options, model: Any, result: Result, out: Console) -> None:
    """Prints what became of layers, of their weights, and of the file."""
    if result.splits:
        for line in aligned([SPLIT_HEAD, *map(split_cells, result.splits)], words=4):
            out.print(line)
        out.print()
    elif options.low_rank:
        out.print("no layer would have less work by low rank\n")
    if result.rows:
        for line in aligned([HEAD, *map(row_cells, [*result.rows, total(result.rows)])]):
            out.print(line)
        out.print()
    for line in left_alone(model):
        out.print(line)
    if result.rows:
        coded = sum(row.bits for row in result.rows) // 8
        out.print(f"weights {kilobytes(coded)}, all else in the file {kilobytes(result.size - coded)}")
    smaller = f"{result.was / result.size:.1f} × smaller"
    out.print(f"{options.output}: {kilobytes(result.size)}, the model was {kilobytes(result.was)}: {smaller}")
    if result.farthest is not None:
        out.print(f"outputs on {options.inputs}: off by {100 * result.farthest:.2f} % of the largest")


def kilobytes(count: int) -> str:
    """1,234.5 KB."""
    return f"{count / 1e3:,.1f} KB"


def split_cells(one: Split) -> tuple[str, ...]:
    """What is shown of a layer that became several."""
    return (
        one.name,
        one.op,
        "×".join(map(str, one.shape)),
        one.method,
        ", ".join(map(str, one.ranks)),
        f"{one.weights:,}",
        f"{math.prod(one.shape):,}",
        f"{100 * one.macs[1] / one.macs[0]:.1f}",
        f"{100 * math.sqrt(one.error / one.energy) if one.energy else 0:.2f}",
    )


def row_cells(row: Row) -> tuple[str, ...]:
    """What is shown of a weight tensor: as by `qref quantize`, and the part of the weights that is not 0."""
    found = cells(row)
    return (*found[:4], f"{100 * row.left / row.weights:.1f}" if row.weights else "–", *found[4:])


def as_json(options: Options, result: Result) -> dict[str, Any]:
    """The tables as JSON, numbers unrounded."""
    return {
        "model": options.model.name,
        **key(options),
        "model_bytes": result.was,
        "compressed_bytes": result.size,
        "weight_bits": sum(row.bits for row in result.rows),
        "farthest": result.farthest,
        "low_rank": [
            {
                "name": one.name,
                "op": one.op,
                "shape": list(one.shape),
                "method": one.method,
                "ranks": list(one.ranks),
                "weights": one.weights,
                "macs": list(one.macs),
                "squared_error": one.error,
                "energy": one.energy,
            }
            for one in result.splits
        ],
        "layers": [members_of(row) | {"left": row.left} for row in result.rows],
    }
