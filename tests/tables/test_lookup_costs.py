"""`qref table lookup-costs`: AlexNet's layers, and the speed-up that the authors state."""

from qref.tables.lookup_costs import COLUMNS, lookup_costs


def test_the_whole_network_takes_as_much_less_as_the_authors_state() -> None:
    rows = {str(row[0]): dict(zip(COLUMNS, row, strict=True)) for row in lookup_costs().rows}
    assert list(rows) == ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8", "all"]
    assert round(float(str(rows["all"]["speed-up"])), 1) == 4.2
    assert rows["fc8"]["by tables"] == 4096 * 16 + 1000 * 4096  # sub-vectors of one number: no fewer additions
