"""Gradual pruning: how much of a layer is removed at each step of training.

Zhu, Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model compression", 2017, equation 1: from
sparsity s_i at step t₀ to s_f at step t₀ + nΔt,

    s_t = s_f + (s_i − s_f)·(1 − (t − t₀)/(nΔt))³        t ∈ {t₀, t₀ + Δt, …, t₀ + nΔt}

Masks change at these steps only: between two of them the sparsity is that of the one before, s_i before t₀ and s_f
after the last.

[seed: Pruning; Zhu 2017 eq. 1]
"""

from dataclasses import dataclass
from fractions import Fraction

from qref.errors import InvalidInput


@dataclass(frozen=True)
class GradualPruning:
    """The schedule: s_i, s_f the sparsity before and after it, 0 to 1; t0 its first step; n changes, one in `every`
    (Δt) steps of training.
    """

    s_i: float
    s_f: float
    t0: int
    n: int
    every: int

    def __post_init__(self) -> None:
        for name, s in (("initial", self.s_i), ("final", self.s_f)):
            if not 0 <= s <= 1:
                raise InvalidInput(f"{name} sparsity {s}: give 0 to 1")
        if self.n < 1 or self.every < 1:
            raise InvalidInput(f"{self.n} changes, one in {self.every} training steps: give 1 at least of both")

    def sparsity(self, t: int) -> Fraction:
        """s_t, exact."""
        changes = min(max((t - self.t0) // self.every, 0), self.n)
        s_i, s_f = Fraction(self.s_i), Fraction(self.s_f)
        return s_f + (s_i - s_f) * (1 - Fraction(changes, self.n)) ** 3
