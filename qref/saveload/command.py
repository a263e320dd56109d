"""`qref quantize`: from options to a file and a table."""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from qref.errors import BadModel, UsageError
from qref.numba_cache import import_kernels
from qref.numerics.philox import Stream
from qref.quantizers import CHANNEL, Encoded, Granularity, Scheme
from qref.saveload import onnx_file
from qref.saveload.layer_inputs import LayerInputs
from qref.saveload.quantize import Encode, Row, quantize
from qref.saveload.schemes import SCHEMES
from qref.saveload.weights import Weight, others, weights

T = TypeVar("T")
HEAD = ("layer", "op", "shape", "weights", "bits/weight", "KB", "was KB", "error %", "SNR dB")


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    model: Path
    output: Path
    scheme: str
    bits: int | None = None
    per_channel: bool = False
    group: int | None = None
    inputs: Path | None = None
    seed: int = 0
    json: Path | None = None


def quantize_command(options: Options) -> None:
    """Quantizes, writes the model, prints the table.

    Raises:
        UsageError: a scheme, width or granularity that there is not, or the output would overwrite the model.
        BadModel: the model cannot be read or written, or has no weights.
        MissingExtra: onnx_ir is not installed, or onnxruntime where the scheme looks at inputs.
    """
    refuse(options)
    model = onnx_file.load(options.model)
    sources = sources_apart(model, options.output, options.json, options.inputs)
    was = sum(path.stat().st_size for path in sources)
    encode = encoder(options, model)
    out = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
    rows = list(watched(quantize(model, encode), len(weights(model)), out, lambda row: row.name, "quantizing"))
    size = onnx_file.save(model, options.output)
    for line in lines(rows):
        out.print(line)
    out.print()
    for line in left_alone(model):
        out.print(line)
    out.print(f"{options.output}: {size / 1e3:,.1f} KB, the model was {was / 1e3:,.1f} KB")
    if options.json is not None:
        write_json(options, rows, was, size)


def refuse(options: Options) -> None:
    """Raises UsageError for a scheme that there is not, or a granularity twice."""
    if options.scheme not in SCHEMES:
        raise UsageError(f"there is no scheme {options.scheme}: {', '.join(SCHEMES)}")
    if options.per_channel and options.group is not None:
        raise UsageError("--per-channel and --group exclude each other: give one")


def left_alone(model: Any) -> Iterator[str]:
    """A line for each weight tensor of another type than float32."""
    for weight in others(model):
        shown = f"{weight.node.op_type}, {weight.value.const_value.dtype.name.lower()}"
        yield f"left as it is, not float32: {weight.name} ({shown})"


def sources_apart(model: Any, output: Path, table: Path | None, inputs: Path | None) -> list[Path]:
    """The files that the model came from. Raises UsageError where the output or the table would overwrite another."""
    sources = onnx_file.files(model)
    for path in (output, table):
        if path is not None and path.resolve() in sources:
            raise UsageError(f"{path} is the model itself: give another file")
        if path is not None and inputs is not None and path.resolve() == inputs.resolve():
            raise UsageError(f"{path} holds the inputs: give another file")
    if table is not None and table.resolve() == output.resolve():
        raise UsageError(f"{table} cannot be both the model and the table: give another file with --json")
    return sources


def encoder(options: Options, model: Any) -> Encode:
    """What encodes each weight of the model. Raises as `quantize_command`."""
    entry = SCHEMES[options.scheme]
    scheme = entry.of(options.bits, granularity(options))
    looked_at = layer_inputs(options, entry, model)

    def encode(weight: Weight, W: NDArray[np.float32], number: int) -> Encoded:
        given = {"stream": Stream(options.seed, number)} if entry.stream else {}
        if looked_at is not None:

            def by_inputs(part: NDArray[np.float32], X: NDArray[np.float32]) -> Encoded:
                return fast_encode(scheme, part, inputs=X, **given)

            return looked_at.encoded(weight, W, by_inputs, entry.together)
        return fast_encode(scheme, W, **given)

    return encode


def granularity(options: Options) -> Granularity | None:
    """What is asked for, None for the scheme's own."""
    if options.group is not None:
        return Granularity("group", options.group)
    return CHANNEL if options.per_channel else None


def layer_inputs(options: Options, entry: Scheme, model: Any) -> LayerInputs | None:
    """What the layers are fed with, where the scheme looks at it."""
    if not entry.inputs:
        return None
    if options.inputs is None:
        raise UsageError(f"scheme {entry.name} looks at what layers are fed with: give --inputs F.npy")
    return LayerInputs.of(options.model, model, options.inputs)


def fast_encode(scheme: Any, W: NDArray[np.float32], **given: Any) -> Encoded:
    """The scheme's fast path where there is one and Numba is installed, else the reference."""
    if find_spec("numba") is None:
        return scheme.encode(W, **given)
    import_kernels()
    from qref.kernels.quantizers import encode

    return encode(scheme, W, **given)


def watched(found: Iterator[T], count: int, out: Console, name: Callable[[T], str], doing: str) -> Iterator[T]:
    """What was found, one a layer, with a progress bar on a terminal."""
    if not out.is_terminal or os.environ.get("CI"):
        yield from found
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task(doing, total=count)
        for one in found:
            progress.update(task, advance=1, description=f"{doing} {name(one)}")
            yield one


def lines(rows: list[Row]) -> Iterator[str]:
    """The table, a row a layer and one for all."""
    yield from aligned([HEAD, *(cells(row) for row in [*rows, total(rows)])])


def total(rows: list[Row]) -> Row:
    """All layers as one."""
    sums = (sum(getattr(row, name) for row in rows) for name in ("weights", "bits", "error", "energy", "left"))
    return Row("all", "", (), *sums)


def aligned(table: list[tuple[str, ...]], words: int = 3) -> Iterator[str]:
    """The lines of a table, its first columns to the left."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        yield "  ".join(c.ljust(w) if i < words else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()


def cells(row: Row) -> tuple[str, ...]:
    """What is shown of a row. error: ‖W − W'‖ / ‖W‖."""
    relative = math.sqrt(row.error / row.energy) if row.energy else 0.0
    ratio = "–" if not row.error or not row.energy else f"{10 * math.log10(row.energy / row.error):.2f}"
    return (
        row.name,
        row.op,
        "×".join(map(str, row.shape)),
        f"{row.weights:,}",
        f"{row.bits / row.weights:.2f}" if row.weights else "–",
        f"{row.bits / 8e3:,.1f}",
        f"{4 * row.weights / 1e3:,.1f}",
        f"{100 * relative:.2f}",
        ratio,
    )


def write_json(options: Options, rows: list[Row], was: int, size: int) -> None:
    """The table as JSON, numbers unrounded. Raises BadModel where it cannot be written."""
    assert options.json is not None
    members = {
        "model": options.model.name,
        "scheme": options.scheme,
        "bits": options.bits,
        "granularity": str(granularity(options) or SCHEMES[options.scheme].granularities[0]),
        "model_bytes": was,
        "quantized_bytes": size,
        "layers": [members_of(row) for row in rows],
    }
    write(options.json, members)


def members_of(row: Row) -> dict[str, Any]:
    """A row as JSON."""
    return {
        "name": row.name,
        "op": row.op,
        "shape": list(row.shape),
        "weights": row.weights,
        "bits": row.bits,
        "squared_error": row.error,
        "energy": row.energy,
    }


def write(path: Path, members: dict[str, Any]) -> None:
    """Writes JSON. Raises BadModel where it cannot be written."""
    try:
        path.write_text(json.dumps(members, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadModel(f"{path}: cannot be written: {error.strerror or error}") from None
