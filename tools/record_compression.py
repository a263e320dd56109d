"""Compresses EfficientNet-Lite0 in several ways, runs each result in ONNX Runtime, and records what came out.

python -m tools.record_compression [WAY …]    writes docs/reports/compression-efficientnet-lite0.json, those named anew

Needs the extras `fast`, `models`, `onnxruntime` and `networks`. Each file that is written is loaded by ONNX Runtime and
held against the float network that it stands for.
"""

import json
import shlex
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.saveload.compress_command import Options, compress_command
from tools.networks import efficientnet_lite0, photograph
from tools.record_schemes import PHOTOGRAPHS, ROOT
from tools.run_onnx import decompressed, run

REPORT = ROOT / "docs" / "reports" / "compression-efficientnet-lite0.json"
WAYS: dict[str, dict[str, Any]] = {
    "--scheme scalar-codebook --bits 4 --huffman": {"scheme": "scalar-codebook", "bits": 4, "huffman": True},
    "--scheme scalar-codebook --bits 8 --huffman": {"scheme": "scalar-codebook", "bits": 8, "huffman": True},
    "--scheme optimal-scale --bits 6 --huffman": {"scheme": "optimal-scale", "bits": 6, "huffman": True},
    "--scheme product-codebook --huffman": {"scheme": "product-codebook", "huffman": True},
    "--prune 0.5": {"prune": "0.5"},
    "--prune 0.5 --huffman": {"prune": "0.5", "huffman": True},
    "--prune 0.3 --prune-by all --scheme scalar-codebook --bits 6 --huffman": {
        "prune": "0.3", "prune_by": "all", "scheme": "scalar-codebook", "bits": 6, "huffman": True,
    },
    "--prune 0.8 --scheme scalar-codebook --bits 5 --huffman": {
        "prune": "0.8", "scheme": "scalar-codebook", "bits": 5, "huffman": True,
    },
    "--prune 2:4 --scheme scalar-codebook --bits 6 --huffman": {
        "prune": "2:4", "scheme": "scalar-codebook", "bits": 6, "huffman": True,
    },
    "--low-rank channel:0.999 --low-rank svd:0.99": {"low_rank": ("channel:0.999", "svd:0.99")},
    "--low-rank tucker2:2x --low-rank svd:2x": {"low_rank": ("tucker2:2x", "svd:2x")},
    "--low-rank channel:0.999 --scheme scalar-codebook --bits 8 --huffman": {
        "low_rank": ("channel:0.999",), "scheme": "scalar-codebook", "bits": 8, "huffman": True,
    },
}  # fmt: skip
"""Options of `qref compress`, as typed and as it takes them."""


def main() -> None:
    """Records the ways named, or all."""
    names = sys.argv[1:] or list(WAYS)
    rows = json.loads(REPORT.read_text(encoding="utf-8"))["rows"] if REPORT.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "EfficientNet-Lite0.onnx"
        efficientnet_lite0(model)
        images = {name: photograph(name, 224) for name in PHOTOGRAPHS}
        np.save(Path(folder) / "inputs.npy", images["chelsea"])
        for name in names:
            rows[name] = one(name, model, images, Path(folder))
            print(name, rows[name], flush=True)
    ordered = {name: rows[name] for name in WAYS if name in rows}
    text = json.dumps({"model": "EfficientNet-Lite0", "rows": ordered}, indent=1) + "\n"
    REPORT.write_text(text, encoding="utf-8")


def one(name: str, model: Path, images: dict[str, NDArray[np.float32]], folder: Path) -> dict[str, Any]:
    """What the options made of the network."""
    output, table, floats = folder / "small.onnx", folder / "table.json", folder / "floats.onnx"
    options = Options(model, output, inputs=folder / "inputs.npy", json=table, **WAYS[name])
    begin = time.perf_counter()
    compress_command(options)
    seconds = time.perf_counter() - begin
    members = json.loads(table.read_text())
    decompressed(options, floats)
    right, farthest = 0, 0.0
    for photograph_name, x in images.items():
        [wanted], [found] = run(floats, x), run(output, x)
        farthest = max(farthest, float(np.abs(found - wanted).max() / np.abs(wanted).max()))
        right += int(found[0].argmax()) in PHOTOGRAPHS[photograph_name]
    layers, split = members["layers"], members["low_rank"]
    kept = sum(layer["left"] for layer in layers) / sum(layer["weights"] for layer in layers) if layers else None
    return {
        "command": f"qref compress EfficientNet-Lite0.onnx -o small.onnx {shlex.join(shlex.split(name))}",
        "left": kept,
        "kilobytes": members["weight_bits"] / 8e3 if layers else None,
        "file_kilobytes": members["compressed_bytes"] / 1e3,
        "model_kilobytes": members["model_bytes"] / 1e3,
        "layers_split": len(split),
        "outputs_off": members["farthest"],
        "farthest": farthest,
        "right": right,
        "of": len(images),
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
