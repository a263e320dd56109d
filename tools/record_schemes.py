"""Quantizes EfficientNet-Lite0 by every scheme, runs each result in ONNX Runtime, and records what came out.

python -m tools.record_schemes [SCHEME …]    writes docs/reports/schemes-efficientnet-lite0.json, those named anew

Needs the extras `fast`, `models`, `onnxruntime` and `networks`. Each file that is written is loaded by ONNX Runtime and
held against the float network with the decoded weights put in.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from qref.saveload.command import Options, quantize_command
from qref.saveload.schemes import SCHEMES
from tools.networks import efficientnet_lite0, photograph
from tools.run_onnx import decoded, run, with_weights

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "reports" / "schemes-efficientnet-lite0.json"
PHOTOGRAPHS = {"chelsea": (281, 282, 285), "coffee": (967,), "rocket": (657, 744), "stereo_motorcycle": (665, 670)}
"""Photographs of scikit-image, and the classes of ImageNet that are right."""


def main() -> None:
    """Records the schemes named, or all."""
    names = sys.argv[1:] or list(SCHEMES)
    rows = json.loads(REPORT.read_text(encoding="utf-8"))["rows"] if REPORT.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "EfficientNet-Lite0.onnx"
        efficientnet_lite0(model)
        images = {name: photograph(name, 224) for name in PHOTOGRAPHS}
        np.save(Path(folder) / "inputs.npy", images["chelsea"])
        for name in names:
            rows[name] = one(name, model, images, Path(folder))
            print(name, rows[name], flush=True)
    ordered = {name: rows[name] for name in SCHEMES if name in rows}
    text = json.dumps({"model": "EfficientNet-Lite0", "rows": ordered}, indent=1) + "\n"
    REPORT.write_text(text, encoding="utf-8")


def one(name: str, model: Path, images: dict[str, NDArray[np.float32]], folder: Path) -> dict[str, Any]:
    """What a scheme made of the network."""
    output, table = folder / f"{name}.onnx", folder / f"{name}.json"
    begin = time.perf_counter()
    options = Options(model, output, name, inputs=folder / "inputs.npy", json=table)
    quantize_command(options)
    seconds = time.perf_counter() - begin
    members = json.loads(table.read_text())
    layers = members["layers"]
    total = {key: sum(layer[key] for layer in layers) for key in ("weights", "bits", "squared_error", "energy")}
    floats = folder / "floats.onnx"
    onnx.save(with_weights(model, decoded(options)), floats)
    right, farthest = 0, 0.0
    for photograph_name, x in images.items():
        [wanted], [found] = run(floats, x), run(output, x)
        farthest = max(farthest, float(np.abs(found - wanted).max() / np.abs(wanted).max()))
        right += int(found[0].argmax()) in PHOTOGRAPHS[photograph_name]
    return {
        "bits_a_weight": total["bits"] / total["weights"],
        "kilobytes": total["bits"] / 8e3,
        "error": (total["squared_error"] / total["energy"]) ** 0.5,
        "file_kilobytes": members["quantized_bytes"] / 1e3,
        "model_kilobytes": members["model_bytes"] / 1e3,
        "farthest": farthest,
        "right": right,
        "of": len(images),
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
