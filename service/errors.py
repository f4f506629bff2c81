"""Every error that gouji raises on purpose: one tree, each with code, HTTP status, exit status and a clerk's words."""

from __future__ import annotations


class GoujiError(Exception):
    """Root of the tree; `str(error)` is one line that a clerk understands."""

    code = "internal-error"
    http_status = 500
    exit_status = 1


class UnreadableInput(GoujiError):
    """The file cannot be read as a report; the other files of the call are still done."""

    code = "unreadable-input"
    http_status = 422
    exit_status = 2


class EmptyFile(UnreadableInput):
    """The file has no bytes."""

    code = "empty-file"


class UnsupportedFormat(UnreadableInput):
    """The content is of a kind that gouji does not read, or needs a converter that is not installed."""

    code = "unsupported-format"
    http_status = 415


class DamagedFile(UnreadableInput):
    """The file is cut off or broken."""

    code = "damaged-file"


class EncryptedFile(UnreadableInput):
    """The file asks for a password."""

    code = "encrypted-file"


class LimitExceeded(UnreadableInput):
    """The file is larger than a limit allows (bytes, pages, pixels, expansion)."""

    code = "limit-exceeded"
    http_status = 413


class NotAReport(UnreadableInput):
    """The file was read, and is not an annual report of this kind or has none of its tables."""

    code = "not-a-report"


class MissingModel(GoujiError):
    """A model directory is absent or does not match its checksum; `make setup` makes it."""

    code = "missing-model"
    exit_status = 1
    http_status = 503


class InvalidTemplate(GoujiError):
    """A form file under data/templates breaks its own rules."""

    code = "invalid-template"


class TimeLimitExceeded(LimitExceeded):
    """Reading the file took longer than the limit allows; the work was stopped."""

    code = "time-limit-exceeded"
    http_status = 422


class OutputFailed(GoujiError):
    """A result could not be written where it should go."""

    code = "output-failed"


class WorkerLost(GoujiError):
    """The process that read the file ended before it answered; trying again may help."""

    code = "worker-lost"
    http_status = 503


class Overloaded(GoujiError):
    """More files wait than the service accepts; trying again later helps."""

    code = "overloaded"
    http_status = 503


class StoreUnavailable(GoujiError):
    """The database of results cannot be reached, or refused the work."""

    code = "store-unavailable"
    http_status = 503


class NotFound(GoujiError):
    """Nothing is stored under the id that was asked for."""

    code = "not-found"
    http_status = 404


class BadRequest(GoujiError):
    """The request asks for something that the service does not do."""

    code = "bad-request"
    http_status = 400


class NotReady(GoujiError):
    """The service is up and cannot do its work yet."""

    code = "not-ready"
    http_status = 503


class MissingExtra(GoujiError):
    """A command needs packages that come with an extra of the distribution."""

    code = "missing-extra"


class InvalidDataset(GoujiError):
    """A dataset's manifest cannot be understood, or its files are not those it lists."""

    code = "invalid-dataset"


class InvalidLabels(GoujiError):
    """A label file says something that no report of the known forms can say."""

    code = "invalid-labels"


class NotPromoted(GoujiError):
    """A model was held against the served one and is worse, or cannot be served."""

    code = "not-promoted"
