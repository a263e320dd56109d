"""Ranges of activations from batches of them: one calibrator a file, and scale and zero point of a range."""
