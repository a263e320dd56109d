"""ONNX files in and out, by onnx_ir."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qref.errors import BadModel, MissingExtra

LARGEST = 2**31 - 2**20  # a protobuf message stays below 2 GiB


def require(module: str, extra: str) -> None:
    """Raises MissingExtra where `module` cannot be imported."""
    if find_spec(module) is None:
        raise MissingExtra(f"{module} is not installed: pip install 'qref-conformance[{extra}]'")


def load(path: Path) -> Any:
    """The model as onnx_ir has it, Constant nodes lifted to initializers, tensors in memory.

    Raises:
        BadModel: there is no such file, or it is no ONNX model, or data that it keeps beside it cannot be read.
        MissingExtra: onnx_ir is not installed.
    """
    require("onnx_ir", "models")
    import onnx_ir as ir
    from onnx_ir.passes.common import LiftConstantsToInitializersPass

    if not path.is_file():
        raise BadModel(f"{path}: {'no regular' if path.exists() else 'no such'} file")
    try:
        model = ir.load(path)
        LiftConstantsToInitializersPass(size_limit=1)(model)
    except OSError as error:
        raise BadModel(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception as error:  # protobuf's and onnx_ir's have no common root
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise BadModel(f"{path}: no ONNX model: {words[-1]}") from None
    if not model.graph.outputs:
        raise BadModel(f"{path}: no ONNX model: its graph has no outputs")
    model.meta["files"] = dict.fromkeys([path.resolve(), *_in_memory(model, path)])
    return model


def files(model: Any) -> list[Path]:
    """The files that a loaded model came from: its own, and those with data beside it."""
    return list(model.meta["files"])


def _in_memory(model: Any, path: Path) -> Iterator[Path]:
    """Reads tensors that lie in files beside the model: they are written into the new file. Gives those files."""
    import onnx_ir as ir

    for graph in model.graphs():
        for value in graph.initializers.values():
            tensor = value.const_value
            if isinstance(tensor, ir.ExternalTensor):
                beside = Path(tensor.path)
                try:
                    value.const_value = ir.Tensor(tensor.numpy().copy(), dtype=tensor.dtype, name=value.name)
                except (OSError, ValueError) as error:
                    raise BadModel(f"{path}: its data in {beside} cannot be read: {error}") from None
                yield beside.resolve()


def save(model: Any, path: Path) -> int:
    """Writes the model, whole or not at all; gives the file's size in bytes.

    Raises:
        BadModel: the folder is missing or may not be written, something other than a file stands there, or the model
            is larger than one ONNX file can be.
    """
    import onnx_ir as ir

    weights = sum(value.const_value.nbytes for graph in model.graphs() for value in graph.initializers.values())
    if weights > LARGEST:
        raise BadModel(f"{path}: {weights:,} bytes of weights do not fit one ONNX file, which ends at 2 GiB")
    if path.exists() and not path.is_file():
        raise BadModel(f"{path}: cannot be written: it is no regular file")
    _say_once(model)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        ir.save(model, beside, format="protobuf")
        size = beside.stat().st_size
        beside.replace(path)
        return size
    except OSError as error:
        raise BadModel(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)


def _say_once(model: Any) -> None:
    """Takes from initializers the type and shape that their tensors have: they would be written beside them."""
    for graph in model.graphs():
        for value in graph.initializers.values():
            if not value.is_graph_input() and not value.is_graph_output():
                value.type = value.shape = None


def opset(model: Any) -> int:
    """The version of ONNX's own operators that the model asks for."""
    found = model.graph.opset_imports.get("", model.graph.opset_imports.get("ai.onnx"))
    return 1 if found is None else int(found)
