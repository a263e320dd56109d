"""Codewords that no sub-vector has become 0."""

from qref.mistakes.corrections import OPERATORS, Correction
from qref.mistakes.mistake import Mistake

MISTAKE = Mistake(
    name="error-correction-empties-unused-codewords",
    operators=OPERATORS,
    flags=("outputs-decide",),
    effect="A codeword (9, 9) that is nobody's code is (0, 0) after the sweep, and is then nearest to small weights.",
    fix="Leave a codeword without sub-vectors as it is: 0/0 is no least square.",
    symptom="only in some shapes",
    run=Correction(empty_to_zero=True).run,
)
