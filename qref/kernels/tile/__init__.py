"""The register tile: some pixels of a row times some vectors of output channels, summed up in registers.

One place for each of its parts: `register_tile` says what is compiled, `reduction` is the order of loops, `float32` and
its like are arithmetic and ends, `output` stores, `run` is the loop over tiles around them.
"""
