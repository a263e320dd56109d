"""Timing: the fast paths on the ten layers, beside other engines, in one run on the same data.

`qref bench layers` and `qref table runtime` call one function, `qref.bench.layers.measure`:

    def measure(
        layers: Sequence[str] = tuple(TEN_LAYERS),      # "conv1" … "conv10"
        algorithms: Sequence[str] | None = None,        # None: all of `dtype`; "sparse-direct@75": 75 % zero weights
        *,
        dtype: str = "float32",                         # "float32", "int8", "binary", "2-bit" or "powers"
        peers: Sequence[str] = (),                      # "onnxruntime", "openvino", …: layers.PEERS
        repeat: int = 30,                               # timed runs of each, interleaved; one untimed run before
        threads: int = 1,
        tune: bool = False,                             # let the tuner decide each layer first
        progress: Callable[[str, int, int], None] | None = None,   # what is timed now, steps done, steps in all
    ) -> Report

    Report(cpu: str, features: list[str], threads: int, peak_gops: float, rows: list[Row],
           peak_instruction: str, instructions: str, versions: dict[str, str], date: str, command: str)
    Row(layer, dtype, engine, algorithm, ms, ms_median, gops, share_of_peak, max_error, checked, kernel)

`qref.bench.report` says what the numbers are. qref's own rows have the engine "qref". A row whose algorithm does not
apply to the layer is left out. A row whose output is not within the algorithm's bound of the golden result (integers:
exactly it) has `checked` False; its time counts for nothing.
"""
