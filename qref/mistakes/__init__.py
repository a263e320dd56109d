"""Known wrong implementations, one a file, and this table of them."""

from qref.mistakes.mistake import SYMPTOMS, Mistake

MISTAKES: dict[str, Mistake] = {}

__all__ = ["MISTAKES", "SYMPTOMS", "Mistake"]
