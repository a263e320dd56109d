"""Every error a user can meet. Each names the value at fault and says what to do about it."""


class QrefError(Exception):
    """Root of qref's own errors; the command line prints its message as one line and exits with 2."""


class InvalidInput(QrefError):
    """The operator's own text rejects these inputs; an engine answers `error`."""


class Unsupported(QrefError):
    """The operator, type, opset or rule is not implemented here; an engine answers `unsupported`."""


class NotFixed(QrefError):
    """No text fixes the answer to this request, so there is no golden one; an engine answers `error`."""


class OutsideDomain(Unsupported):
    """A requantization profile is not defined for these numbers; the message says why."""


class BadVectors(QrefError):
    """A vector file, manifest or schema does not hold what it must."""


class BadTensor(QrefError):
    """A tensor of the exchange format cannot be decoded."""


class EngineError(QrefError):
    """An engine could not be started or did not answer Hello."""


class BadAnswers(QrefError):
    """An answer file, a report or a list of expectations cannot be read."""


class MissingExtra(QrefError):
    """An optional package is not installed; the message holds the command that brings it."""


class UsageError(QrefError):
    """A command was called with something that does not exist; the message lists what does."""


class BadModel(QrefError):
    """A model file cannot be read or written, or holds nothing to work on."""
