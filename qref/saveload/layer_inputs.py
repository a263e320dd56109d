"""What each layer of a model is fed with: its inputs, windows unrolled, for schemes that look at activations."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.conv.exact import sources, windows
from qref.conv.geometry import Geometry
from qref.errors import BadModel, Unsupported
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry, padding, per_dimension
from qref.quantizers.encoded import Encoded, Scaled
from qref.saveload.onnx_file import require
from qref.saveload.weights import Weight, weights

SAMPLES = 1024
"""Windows of a layer that are looked at, evenly spread over all."""

Columns = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LayerInputs:
    """The activations in front of every weight tensor, by the weight's name."""

    activations: dict[str, NDArray[np.float32]]

    @staticmethod
    def of(path: Path, model: Any, inputs: Path) -> "LayerInputs":
        """Runs the model, which came from `path`, on `inputs`, an array for its only input.

        Raises:
            BadModel: inputs cannot be read, or the model does not run on them.
            Unsupported: the model has more inputs, or layers inside a branch or loop.
            MissingExtra: onnxruntime is not installed.
        """
        import onnx
        import onnx_ir as ir

        x = array(inputs)
        proto = ir.serde.serialize_model(model)
        for weight in weights(model):
            if weight.node.graph is not model.graph:
                raise Unsupported(f"{weight.name}: what a layer inside a branch or loop is fed with is not seen here")
        wanted = {weight.name: str(weight.node.inputs[0].name) for weight in weights(model)}
        fed = {value.name for value in proto.graph.input}
        shown = {value.name for value in proto.graph.output} | fed
        for name in dict.fromkeys(wanted.values()):
            if name not in shown:
                proto.graph.output.append(onnx.ValueInfoProto(name=name))
        names = [name for name in dict.fromkeys(wanted.values()) if name not in fed]
        first, found = run(path, proto, inputs, x, names)
        values = dict(zip(names, found)) | {first: x}
        return LayerInputs({weight: values[name] for weight, name in wanted.items()})

    def encoded(
        self,
        weight: Weight,
        W: NDArray[np.float32],
        encode: Callable[[NDArray[np.float32], Columns], Encoded],
        together: bool = False,
    ) -> Encoded:
        """The tensor encoded with [samples, weights of a channel] beside it, group by group where there are some.

        together: with [groups, samples, weights of a channel] beside it instead, for schemes that take groups so.
        """
        columns = self.columns(weight)
        if len(columns) == 1:
            return encode(W, columns[0])
        if together:
            return encode(W, np.stack(columns))
        parts = [encode(part, X) for part, X in zip(np.split(W, len(columns)), columns)]
        if not all(isinstance(part, Scaled) for part in parts):
            raise Unsupported(f"{type(parts[0]).__name__} of a layer with groups")
        scaled = [part for part in parts if isinstance(part, Scaled)]
        codes, scales = (np.concatenate([getattr(one, name) for one in scaled]) for name in ("codes", "scales"))
        return replace(scaled[0], codes=codes, scales=scales)

    def columns(self, weight: Weight) -> list[Columns]:
        """[samples, weights of a channel] of each group."""
        x = self.activations[weight.name]
        if weight.node.op_type in ("Gemm", "MatMul"):
            if len(weight.shape) > 2:
                raise Unsupported(f"a MatMul by a stack of matrices, {list(weight.shape)}, is not unrolled here")
            across = weight.node.op_type == "Gemm" and weight.node.attributes.get_int("transA", 0)
            return [_spread(x.T if across else x.reshape(-1, x.shape[-1]))]
        lie = _geometry(weight, x.shape)
        if weight.node.op_type == "Conv":
            output = lie.output(x.shape[2:])
            unrolled = windows(x.astype(np.float64), lie, _some(x.shape[0] * math.prod(output)))
        else:
            output = _transposed_output(weight, lie, x.shape[2:])
            some = _some(x.shape[0] * math.prod(output))
            unrolled = sources(x.astype(np.float64), lie, output, some)
        by_group = unrolled.reshape(lie.group, -1, unrolled.shape[-1])  # [G, C/G · k1 · …, samples]
        return [np.ascontiguousarray(group.T).astype(np.float32) for group in by_group]


def array(path: Path) -> NDArray[Any]:
    """The array of a .npy file. Raises BadModel where there is none."""
    try:
        x = np.load(path, allow_pickle=False)
    except OSError as error:
        raise BadModel(f"{path}: no array that can be read: {error.strerror or error}") from None
    except (ValueError, EOFError):
        x = None
    if not isinstance(x, np.ndarray):
        raise BadModel(f"{path}: no array that can be read: give one array of numbers, as np.save writes it")
    return x


def outputs(path: Path, model: Any, inputs: Path) -> list[NDArray[Any]]:
    """What the model, which came from `path`, gives for the array of a file; raises as `LayerInputs.of`."""
    import onnx_ir as ir

    return run(path, ir.serde.serialize_model(model), inputs, array(inputs), None)[1]


def run(
    path: Path, proto: Any, inputs: Path, x: NDArray[Any], names: list[str] | None
) -> tuple[str, list[NDArray[Any]]]:
    """The name of a model's only input, and its outputs of these names, None for all, in ONNX Runtime.

    Raises:
        BadModel: the model does not load, or does not run on x, which came from `inputs`.
        Unsupported: the model has more inputs.
        MissingExtra: onnxruntime is not installed.
    """
    require("onnxruntime", "onnxruntime")
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's have no common root
        raise BadModel(f"{path}: ONNX Runtime does not load it: {on_one_line(error)}") from None
    asked = [value.name for value in session.get_inputs()]
    if len(asked) != 1:
        raise Unsupported(f"{path} has inputs {', '.join(asked)}: --inputs feeds models with one")
    [first] = asked
    try:
        return first, session.run(names, {first: x})
    except Exception as error:  # ONNX Runtime's have no common root
        raise BadModel(f"{path} does not run on {inputs}: {on_one_line(error)}") from None


def _some(count: int) -> NDArray[np.int64]:
    """Places of so many windows that are looked at."""
    return np.unique(np.linspace(0, count - 1, min(count, SAMPLES)).astype(np.int64))


def _spread(rows: Columns) -> Columns:
    return np.ascontiguousarray(rows[_some(len(rows))], np.float32)


def _transposed_output(weight: Weight, geometry: Geometry, image: tuple[int, ...]) -> tuple[int, ...]:
    """The lengths of a ConvTranspose's output, from pads and output_padding."""
    n = len(image)
    more = weight.node.attributes.get_ints("output_padding", [0] * n)
    if weight.node.attributes.get_ints("output_shape", []):
        raise Unsupported("output_shape is not unrolled here")
    return tuple(
        geometry.strides[i] * (image[i] - 1)
        + more[i]
        + geometry.extent(i)
        - geometry.pads_begin[i]
        - geometry.pads_end[i]
        for i in range(n)
    )


def _geometry(weight: Weight, x: tuple[int, ...]) -> Geometry:
    given = {name: one.value for name, one in weight.node.attributes.items() if name in ATTRIBUTES}
    if weight.node.op_type == "Conv":
        return geometry(x, weight.shape, **given)
    if given.pop("auto_pad", "NOTSET") != "NOTSET":
        raise Unsupported("auto_pad of a ConvTranspose is not unrolled here")
    n = len(weight.shape) - 2
    strides, dilations = (per_dimension(name, given.get(name), n) for name in ("strides", "dilations"))
    begin, end = padding(x[2:], weight.shape[2:], "NOTSET", dilations, given.get("pads"), strides)
    return Geometry(weight.shape[2:], strides, dilations, begin, end, given.get("group", 1))


def on_one_line(error: Exception) -> str:
    """A long message without its breaks, or the kind of an error without one."""
    return " ".join(str(error).split()) or type(error).__name__
