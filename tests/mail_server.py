"""A mail server for tests: a real one, on a free port of the loopback interface."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OK = "250 OK"
USER, PASSWORD = "diwan", "a well in the hills"  # of nobody


@dataclass
class Mailbox:
    """What a mail server has taken, and what it says.

    Attributes:
        port: Where it listens.
        contents: What it has taken, byte for byte.
        recipients: To whom, one for each.
        to_recipient: What it says to an address.
        to_text: What it says to a text, once it has it.
    """

    port: int = 0
    contents: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    to_recipient: Callable[[str], str] = lambda _address: OK
    to_text: Callable[[bytes], str] = lambda _content: OK
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def letters(self) -> list[EmailMessage]:
        """What it has taken."""
        found = [message_from_bytes(each, policy=default) for each in self.contents]
        return [each for each in found if isinstance(each, EmailMessage)]

    def wait_for(self, count: int, patience: float = 60) -> list[EmailMessage]:
        """The letters, once there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.contents) >= count, patience)
        return self.letters

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Answer to an address."""
        said = self.to_recipient(address)
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer to a text."""
        content = envelope.original_content or b""
        said = self.to_text(content)
        with self._changed:
            if said.startswith("2"):
                self.contents.append(content)
                self.recipients += envelope.rcpt_tos
                if session.authenticated:
                    self.signed_in.append(USER)
            self._changed.notify_all()
        return said


class _OnFreePort(Controller):
    """One that finds out which port the system has given it."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass
class Certificate:
    """A certificate of `localhost` that its own authority signed.

    Attributes:
        context: For the server.
        authority: File by which it is known.
    """

    context: ssl.SSLContext
    authority: Path


def certificate(folder: Path) -> Certificate:
    """Make a certificate."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return Certificate(context, path)


@contextmanager
def mail_server(
    made_out: Certificate | None = None, *, wrapped: bool = False, signs_in: bool = False
) -> Iterator[Mailbox]:
    """A mail server that listens until the end.

    Args:
        made_out: Its certificate; without one nothing is encrypted.
        wrapped: Whether it is encrypted from the start, rather than after STARTTLS.
        signs_in: Whether it takes letters only from those who sign in.
    """
    mailbox = Mailbox()

    def look(*given: object) -> AuthResult:
        known = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=given[-1] == known, handled=False)

    controller = _OnFreePort(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=made_out.context if made_out and wrapped else None,
        tls_context=made_out.context if made_out and not wrapped else None,
        require_starttls=bool(made_out and not wrapped),
        auth_required=signs_in,
        auth_require_tls=False,
        authenticator=look if signs_in else None,
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()
