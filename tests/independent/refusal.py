"""Why there is no answer."""


class Refused(Exception):
    """The request contradicts the operator's text."""


class Undecided(Exception):
    """The text does not say what the answer is."""


def refuse_unless(condition: bool, why: str) -> None:
    if not condition:
        raise Refused(why)
