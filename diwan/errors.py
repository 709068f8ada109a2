"""What a client raises: problem details (RFC 9457), and what kept an answer from coming."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusedParameter:
    """A parameter that the hub refused, and why."""

    name: str
    detail: str


class ClientError(Exception):
    """There is no answer; the message says why. Every error of a client is one.

    Attributes:
        title: What kind of problem it is.
        status: Of the response; None where there was none.
        detail: What is wrong, in a sentence; None where it is not said.
        errors: The parameters that were refused.
        instance: The id of the request, which the hub finds in its log; None where it is not said.
        retry_after: In how many seconds to ask again; None where it is not said.
    """

    def __init__(
        self,
        title: str,
        *,
        status: int | None = None,
        detail: str | None = None,
        errors: tuple[RefusedParameter, ...] = (),
        instance: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        name = title if status is None else f"{status} {title}"
        where = f" (request {instance})" if instance else ""
        super().__init__((f"{name}: {detail}" if detail else name) + where)
        self.title = title
        self.status = status
        self.detail = detail
        self.errors = errors
        self.instance = instance
        self.retry_after = retry_after


class RateLimitedError(ClientError):
    """Too many requests (429); `retry_after` says when one more is answered."""


class UnavailableError(ClientError):
    """The hub cannot be reached, or cannot answer just now (502, 503, 504)."""


class AnswerError(ClientError):
    """Something came that is no answer of a hub, or not a whole one."""
