"""Published numbers of optimal quantizers, with the digits that are printed.

Max, "Quantizing for minimum distortion", IRE Transactions on Information Theory 6, 1960: Table I, the mean squared
error of N free levels for a unit normal; Table II, step and error of N equally spaced ones. They stand here as they are
cited; the printed pages were not at hand. Some entries of 2, 4, 8, 16 and 32 levels were found in public code, all
others were held against nothing but ours, from which a wrong digit of the first three would stand out and one of the
last might not.

Cai et al., "Deep learning with low precision by half-wave Gaussian quantization", 2017: levels in the layers of their
sources (zhaoweicai/hwgq: centers 0.538 1.076 1.614, and 0.453 1.51 without equal spacing), steps of 1 to 4 bits in
those of EdMIPS, by the same author (zhaoweicai/EdMIPS, models/quant_module.py).
"""

# fmt: off
FREE = (
    "0.3634", "0.1902", "0.1175", "0.07994", "0.05798", "0.04400", "0.03454", "0.02785", "0.02293", "0.01922",
    "0.01634", "0.01406", "0.01223", "0.01073", "0.009497", "0.008463", "0.007589", "0.006844", "0.006203",
    "0.005648", "0.005165", "0.004741", "0.004367", "0.004036", "0.003741", "0.003477", "0.003240", "0.003027",
    "0.002834", "0.002658", "0.002499", "0.002354", "0.002220", "0.002099", "0.001985",
)
STEPS = (
    "1.596", "1.224", "0.9957", "0.8430", "0.7334", "0.6508", "0.5860", "0.5338", "0.4908", "0.4546", "0.4238",
    "0.3972", "0.3739", "0.3534", "0.3352", "0.3189", "0.3042", "0.2909", "0.2788", "0.2678", "0.2576", "0.2482",
    "0.2396", "0.2315", "0.2240", "0.2171", "0.2105", "0.2044", "0.1987", "0.1932", "0.1881", "0.1833", "0.1787",
    "0.1744", "0.1703",
)
ERRORS = (
    "0.3634", "0.1902", "0.1188", "0.08218", "0.06065", "0.04686", "0.03744", "0.03069", "0.02568", "0.02185",
    "0.01885", "0.01645", "0.01450", "0.01289", "0.01154", "0.01040", "0.009430", "0.008594", "0.007869",
    "0.007235", "0.006678", "0.006185", "0.005747", "0.005355", "0.005004", "0.004687", "0.004401", "0.004141",
    "0.003905", "0.003688", "0.003490", "0.003308", "0.003141", "0.002986", "0.002843",
)
# fmt: on
TABLE_I = dict(enumerate(FREE, 2))
"""Error by number of levels, 2 to 36."""

TABLE_II = dict(enumerate(zip(STEPS, ERRORS, strict=True), 2))
"""Step and error by number of levels, 2 to 36."""

HWGQ = {2: "0.799", 4: "0.538", 8: "0.3217", 16: "0.185"}
"""The step by number of levels, 0 among them."""
