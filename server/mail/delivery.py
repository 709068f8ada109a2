"""One letter, handed over to a mail server by SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from enum import StrEnum

from server.mail.letter import in_ascii
from server.mail.outbox import QueuedLetter
from server.settings import Security, Settings

_PATIENCE = 30.0  # seconds for a command
_PATIENCE_FOR_TEXT = 600.0  # seconds; RFC 5321, 4.5.3.2.6: an answer that is missed sends it twice
_TAKEN = 250
_PERMANENT = 500
_POLICY = compat32.clone(linesep="\r\n")


class Why(StrEnum):
    """Why a letter was not taken."""

    UNREACHABLE = "unreachable"
    NOT_SAFE = "not-safe"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    TEXT = "text"


class NotTakenError(Exception):
    """A mail server has surely not taken a letter.

    Args:
        why: Why not.
        said: What was said, in the mail server's words or the system's; it may name the address.
        for_good: Whether the same letter will never be taken.
    """

    def __init__(self, why: Why, said: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.said = said
        self.for_good = for_good


class UnsureError(Exception):
    """Nobody knows whether a mail server has taken a letter."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over.

    Attributes:
        host: Its name.
        port: Its port.
        security: How the way there is encrypted.
        user: Name to sign in with; empty to sign in not.
        password: Password to sign in with.
        sender: E-mail address that letters come from.
    """

    host: str
    port: int
    security: Security
    user: str
    password: str
    sender: str

    @property
    def domain(self) -> str:
        """The domain that letters come from, in ASCII letters."""
        return (in_ascii(self.sender) or self.sender).rpartition("@")[2]


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server by the settings; None where no mail is set up."""
    if not settings.smtp_host:
        return None
    return MailServer(
        settings.smtp_host,
        settings.mail_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.mail_from,
    )


class Handing:
    """A letter whose address a mail server has taken, and whose text it has not been given.

    Args:
        smtp: The connection.
        content: The letter as it goes out.
    """

    def __init__(self, smtp: smtplib.SMTP, content: bytes) -> None:
        self._smtp = smtp
        self._content = content

    def give(self) -> None:
        """Give the text, and wait for the mail server's word that it is responsible from now on.

        Raises:
            NotTakenError: It says that it is not.
            UnsureError: It says nothing.
        """
        if self._smtp.sock:
            self._smtp.sock.settimeout(_PATIENCE_FOR_TEXT)
        try:
            code, said = self._smtp.data(self._content)
        except smtplib.SMTPDataError as error:
            raise _refused(Why.TEXT, error.smtp_code, error.smtp_error) from None
        except OSError as error:
            self._smtp.close()
            raise UnsureError from error
        if code != _TAKEN:
            raise _refused(Why.TEXT, code, said)


@contextmanager
def handing(letter: QueuedLetter, server: MailServer) -> Iterator[Handing]:
    """Go up to the point where a mail server would take the text of a letter.

    Raises:
        NotTakenError: The mail server cannot be reached, or does not take it.
    """
    try:
        content = as_message(letter, server).as_bytes(policy=_POLICY)
    except (ValueError, MessageError) as error:  # it would hold up the others
        raise NotTakenError(Why.TEXT, str(error), for_good=True) from None
    smtp = _connected(server)
    try:
        _begin(smtp, letter, server)
        yield Handing(smtp, content)
    finally:
        with suppress(OSError):  # what it says to a farewell changes nothing
            if smtp.sock:
                smtp.sock.settimeout(_PATIENCE)
            smtp.quit()
        smtp.close()


def as_message(letter: QueuedLetter, server: MailServer) -> MIMEText:
    """A letter as mail; its Message-ID and date are the same whenever it is tried."""
    message = MIMEText(letter.text, "plain", "utf-8")
    message["From"] = formataddr(("Diwan", in_ascii(server.sender) or server.sender))
    message["To"] = in_ascii(letter.to) or letter.to
    # Not an EmailMessage: where that folds a long subject beyond ASCII it loses spaces.
    subject = Header(letter.subject, "utf-8", header_name="Subject")
    message["Subject"] = subject  # type: ignore[assignment]  # the stubs know of str alone
    message["Date"] = format_datetime(letter.queued)
    message["Message-ID"] = f"<{letter.key}@{server.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine is to answer it
    message["Content-Language"] = letter.language
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    # A host's own name may take seconds to find, and is nobody's business.
    own_name = server.domain
    context = ssl.create_default_context()
    try:
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(
                server.host, server.port, own_name, timeout=_PATIENCE, context=context
            )
        smtp = smtplib.SMTP(server.host, server.port, own_name, timeout=_PATIENCE)
    except OSError as error:
        raise _failed(error) from None
    if server.security is Security.STARTTLS:
        try:
            smtp.starttls(context=context)
        except smtplib.SMTPNotSupportedError as error:
            smtp.close()
            raise NotTakenError(Why.NOT_SAFE, str(error)) from None
        except OSError as error:
            smtp.close()
            raise _failed(error) from None
    return smtp


def _begin(smtp: smtplib.SMTP, letter: QueuedLetter, server: MailServer) -> None:
    try:
        if server.user:
            smtp.login(server.user, server.password)
        else:
            smtp.ehlo_or_helo_if_needed()
        code, said = smtp.mail(in_ascii(server.sender) or server.sender)
        if code != _TAKEN:
            raise NotTakenError(Why.SENDER, _in_words(code, said))
        code, said = smtp.rcpt(in_ascii(letter.to) or letter.to)
        if code not in (_TAKEN, 251):
            raise _refused(Why.RECIPIENT, code, said)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
        raise NotTakenError(Why.SIGN_IN, _words_of(error)) from None
    except UnicodeError:
        raise NotTakenError(Why.SIGN_IN, "The name or the password is not ASCII.") from None
    except OSError as error:
        raise _failed(error) from None


def _failed(error: OSError) -> NotTakenError:
    why = Why.NOT_SAFE if isinstance(error, ssl.SSLError) else Why.UNREACHABLE
    return NotTakenError(why, _words_of(error))


def _refused(why: Why, code: int, said: bytes | str) -> NotTakenError:
    return NotTakenError(why, _in_words(code, said), for_good=code >= _PERMANENT)


def _words_of(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _in_words(error.smtp_code, error.smtp_error)
    return str(error)


def _in_words(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"
