"""Every setting of Diwan, read from environment variables with the prefix `DIWAN_`."""

import re
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.glossary import BUNDLED_GLOSSARY, OWN_GLOSSARY
from corpus.gold import BUNDLED_GOLD, OWN_GOLD
from corpus.library import BUNDLED
from corpus.reading_paths import BUNDLED_PATHS, OWN_PATHS
from corpus.starting_questions import BUNDLED_QUESTIONS, OWN_QUESTIONS
from server.mail.letter import is_address

USUAL_RETENTION = 365  # days
_USUAL_SITE = "http://127.0.0.1:8000"
_HERE = ("localhost", "127.0.0.1", "::1")
_MAIL_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+")
_ORIGIN = re.compile(r"https?://[^\s/?#@*,]+")
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?")


class Security(StrEnum):
    """How the way to the mail server is kept from others."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}  # RFC 8314; RFC 5321


class Settings(BaseSettings):
    """The settings; the description of each is its documentation."""

    model_config = SettingsConfigDict(
        env_prefix="DIWAN_",
        frozen=True,
        hide_input_in_errors=True,  # one of them is a password
    )

    home: Path = Field(
        default=Path("var"),
        description="Folder of the hub's own documents (library/), terms (glossary.toml), gold"
        " questions (gold.toml), reading paths (reading_paths.toml) and questions to start from"
        " (starting_questions.toml), of earlier versions of case studies (history/), of what was"
        " refused (refused/) and removed (removed/, removed.json), of what people leave behind"
        " (diwan.sqlite), of how often each asks just now (limits/), and of the index"
        " (generations/, vectors/).",
    )
    model: str = Field(
        default="",
        description="A sentence-transformers model name or folder; empty for the bundled"
        " multilingual model.",
    )
    bundled: bool = Field(
        default=True,
        description="Whether the bundled case studies are part of the library.",
    )

    kept_generations: int = Field(
        default=5,
        ge=1,
        description="How many generations of the index are kept, the one that serves among them;"
        " older ones are thrown away by a rebuild, but never one that is in use.",
    )
    gate_tolerance: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="By how much the share of gold questions that are answered right may fall, in"
        " any language, before a new generation is kept aside; 1 publishes whatever is built.",
    )

    retention_days: int = Field(
        default=USUAL_RETENTION,
        ge=1,
        le=36_500,
        description="For how many days conversations, briefings, questions and feedback are kept;"
        " `diwan forget` deletes what is older.",
    )

    address: str = Field(
        default="",
        description="Public address of the site, as https://diwan.example.org, for links in"
        " letters; empty for the one that the request came to which caused the letter. Set it"
        " where letters are sent, and where assistants ask at /mcp by the name of the site.",
    )
    rate_limit: int = Field(
        default=1_200,
        ge=0,
        le=100_000,
        description="How many requests a minute to /api/v1/ and /mcp are answered for one address"
        " without a key; 0 is no limit. An address of IPv6 counts as its network of 64 bits.",
    )
    proxies: str = Field(
        default="",
        description="Addresses and networks of proxies in front of Diwan, separated by commas, as"
        " 127.0.0.1, 10.0.0.0/8: only what these say of whom they ask for, and whether by https, is"
        " believed. Empty where there is none.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins of other sites whose pages may ask the HTTP interface from a browser,"
        " as https://city.example.org, joined by commas; * for every site, empty for none.",
    )

    smtp_host: str = Field(
        default="",
        description="Name of the mail server that takes letters; empty to send none: the desk then"
        " shows them, for staff to send.",
    )
    smtp_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="Port of the mail server; if not set 587 for starttls, 465 for tls, 25 for"
        " none.",
    )
    smtp_user: str = Field(
        default="", description="Name to sign in to the mail server with; empty to sign in not."
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="Password to sign in to the mail server with."
    )
    smtp_security: Security = Field(
        default=Security.STARTTLS,
        description="How the way to the mail server is encrypted: starttls (after a greeting), tls"
        " (from the start) or none. Its certificate is checked.",
    )
    mail_from: str = Field(
        default="",
        description="E-mail address that letters come from, and that answers to them go to.",
    )

    @field_validator("address")
    @classmethod
    def _a_site(cls, address: str) -> str:
        if address and not _ADDRESS.fullmatch(address):
            raise ValueError("it begins with https:// or http:// and has no ? and no #")
        return address.rstrip("/")

    @field_validator("proxies")
    @classmethod
    def _networks(cls, proxies: str) -> str:
        for proxy in filter(None, map(str.strip, proxies.split(","))):
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError(
                    f"{proxy} is no address and no network; write 127.0.0.1 or 10.0.0.0/8"
                ) from None
        return proxies

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: str) -> str:
        for origin in origins.split(",") if origins.strip() not in ("", "*") else ():
            if not _ORIGIN.fullmatch(origin.strip()):
                raise ValueError(
                    "each is a scheme and a host with nothing behind it, as"
                    " https://city.example.org, or * stands alone"
                )
        return origins

    @field_validator("smtp_host")
    @classmethod
    def _a_host(cls, host: str) -> str:
        if host and not _MAIL_HOST.fullmatch(host):
            raise ValueError(
                "it is a name alone, as mail.example.org; the port stands in DIWAN_SMTP_PORT"
            )
        return host

    @field_validator("mail_from")
    @classmethod
    def _a_sender(cls, address: str) -> str:
        if address and not is_address(address):
            raise ValueError("it is an e-mail address alone, as diwan@example.org")
        return address

    @model_validator(mode="after")
    def _mail_that_can_be_sent(self) -> Self:
        sentence = self._what_is_wrong_with_mail()
        if sentence:
            raise ValueError(sentence)
        return self

    def _what_is_wrong_with_mail(self) -> str | None:
        """Why no mail can be sent as it is set, in a sentence that names a setting."""
        has_password = bool(self.smtp_password.get_secret_value())
        others = {
            "DIWAN_SMTP_USER": bool(self.smtp_user),
            "DIWAN_SMTP_PASSWORD": has_password,
            "DIWAN_SMTP_PORT": self.smtp_port is not None,
            "DIWAN_MAIL_FROM": bool(self.mail_from),
        }
        if not self.smtp_host:
            first = next((name for name, is_set in others.items() if is_set), None)
            return first and f"{first} is set, but DIWAN_SMTP_HOST is not; set both or neither"
        if not self.mail_from:
            return "DIWAN_SMTP_HOST is set, but DIWAN_MAIL_FROM is not; set both or neither"
        if bool(self.smtp_user) != has_password:
            there, missing = "DIWAN_SMTP_USER", "DIWAN_SMTP_PASSWORD"
            if has_password:
                there, missing = missing, there
            return f"{there} is set, but {missing} is not; set both or neither"
        return self._what_is_wrong_with_the_way()

    def _what_is_wrong_with_the_way(self) -> str | None:
        security, port = self.smtp_security, self.smtp_port
        if security is Security.NONE and self.smtp_user and self.smtp_host not in _HERE:
            return (
                "DIWAN_SMTP_SECURITY is none, so that DIWAN_SMTP_PASSWORD would go to another"
                " machine for everybody to read; set it to starttls or tls"
            )
        if port == _PORTS[Security.TLS] and security is not Security.TLS:
            return "DIWAN_SMTP_PORT is 465, which DIWAN_SMTP_SECURITY has to be tls for"
        if port == _PORTS[Security.STARTTLS] and security is Security.TLS:
            return "DIWAN_SMTP_PORT is 587, which DIWAN_SMTP_SECURITY has to be starttls for"
        return None

    @property
    def site(self) -> str:
        """Address of the site, without a slash at its end, for what no request causes."""
        return self.address or _USUAL_SITE

    @property
    def proxy_list(self) -> list[str]:
        """Addresses and networks of the proxies that are believed."""
        return [proxy for each in self.proxies.split(",") if (proxy := each.strip())]

    @property
    def mail_port(self) -> int:
        """The port of the mail server."""
        return self.smtp_port or _PORTS[self.smtp_security]

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of other sites whose pages may ask the interface; `*` for every site."""
        return tuple(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def library_folders(self) -> list[Path]:
        """Folders that documents are read from; later ones win."""
        own = self.home / "library"
        return [BUNDLED, own] if self.bundled else [own]

    @property
    def glossary_files(self) -> list[Path]:
        """Files that the glossary is read from; later ones win."""
        return [BUNDLED_GLOSSARY, self.home / OWN_GLOSSARY]

    @property
    def gold_files(self) -> list[Path]:
        """Files that gold questions are read from; later ones win."""
        own = self.home / OWN_GOLD
        return [BUNDLED_GOLD, own] if self.bundled else [own]

    @property
    def path_files(self) -> list[Path]:
        """Files that reading paths are read from; later ones win."""
        return [BUNDLED_PATHS, self.home / OWN_PATHS]

    @property
    def starting_question_files(self) -> list[Path]:
        """Files that questions to start from are read from; those of later ones stand first."""
        own = self.home / OWN_QUESTIONS
        return [BUNDLED_QUESTIONS, own] if self.bundled else [own]

    @property
    def generations_folder(self) -> Path:
        """Folder of the index generations."""
        return self.home / "generations"
