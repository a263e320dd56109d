"""How long ONNX Runtime takes to load one Huffman coded layer, and how much memory: docs/compression/huffman.md.

python -m tools.load_compressed [ROWS COLUMNS]: a tenth of the weights left, 15 values, gaps of 5 bits.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from qref.compression.huffman_coded import HuffmanCoded
from qref.compression.relative_index import sparse
from qref.quantizers import TENSOR
from qref.quantizers.encoded import Coded
from qref.saveload import onnx_file
from qref.saveload.quantize import quantize
from tools.run_onnx import session

CUT = 1.645  # of a bell of deviation 1, a tenth lies beyond
BOOK = np.array([*sorted(sign * (CUT + 0.3 * i) for i in range(7) for sign in (-1, 1)), 5.0], np.float32)
TEXT = """<ir_version: 8, opset_import: ["" : 13]>
layer (float[1, {K}] x) => (float[1, {M}] y) {{ y = Gemm <transB = 1> (x, w) }}"""


def nearest(row: NDArray[np.float32]) -> Coded:
    """The nearest of 15 values."""
    codes = np.searchsorted((BOOK[1:] + BOOK[:-1]) / 2, row).astype(np.uint8)
    return Coded(codes, BOOK[np.newaxis], TENSOR, 4)


def write(rows: int, columns: int, path: Path) -> tuple[int, int]:
    """Writes the layer; gives the claimed size and that of the file, in bytes."""
    W = np.random.default_rng(0).standard_normal((rows, columns), dtype=np.float32)
    source = onnx.parser.parse_model(TEXT.format(M=rows, K=columns))
    source.graph.initializer.append(onnx.numpy_helper.from_array(W, "w"))
    plain = path.with_name("plain.onnx")
    onnx.save(source, plain)
    model = onnx_file.load(plain)

    def encode(weight: Any, weights: NDArray[np.float32], number: int) -> HuffmanCoded:
        return HuffmanCoded(sparse(weights, np.abs(weights) > CUT, nearest, gap_bits=5))

    [row] = quantize(model, encode)
    return row.bits // 8, onnx_file.save(model, path)


def peak() -> int:
    """The most memory that this process has had, in KB (Linux; getrusage would count that of its parent)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def load(path: str) -> None:
    """Loads the layer in this process, and prints seconds and the memory that came on top at the highest."""
    before = peak()
    begin = time.perf_counter()
    session(path)
    seconds = time.perf_counter() - begin
    print(f"loaded in {seconds:.1f} s, {(peak() - before) / 1e6:.1f} GB at the highest")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["load"]:
        load(arguments[1])
        return
    rows, columns = (int(length) for length in arguments) if arguments else (4096, 9216)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.onnx"
        claimed, size = write(rows, columns, path)
        print(f"{4 * rows * columns:,} bytes of float32, {claimed:,} claimed, {size:,} in the file")
        subprocess.run([sys.executable, "-m", "tools.load_compressed", "load", str(path)], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
