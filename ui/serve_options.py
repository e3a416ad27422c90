"""Where the page is served, to whom, and by which names it is reached.

Without accounts whoever reaches the address may read everything, so that it must be loopback. With
them it may be any, but its names must be said: a page of somebody else whose own name leads to this
machine would otherwise be taken for this page (DNS rebinding).
"""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from indexes.errors import ConfigError
from kgrag.loopback import is_loopback

EVERYWHERE = ("0.0.0.0", "::")
"""Addresses to listen on that are no names to be reached by."""

_NAME = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:[0-9]{1,5})?\Z")


@dataclass(frozen=True)
class ServeOptions:
    """How ``kgrag ui`` serves.

    Parameters
    ----------
    host, port:
        The address to listen on.
    accounts:
        The folder of the accounts and their libraries; None: no accounts, loopback only.
    names:
        Host names by which it is reached, with a port where a proxy or a container changes it.
    certificate, key:
        PEM files; with them, it is served by TLS.
    behind_proxy:
        Whether what a proxy on this machine says of scheme and client is to be trusted.

    Raises
    ------
    ConfigError
        Options do not go together, or cannot be used.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    accounts: Path | None = None
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"There is no port {self.port}: choose one from 1024 to 65535.")
        if self.accounts is None:
            require_loopback(self.host)
            self._require_no_names()
        for name in self.names:
            if not _NAME.match(name.lower()):
                raise ConfigError(
                    f"--name {name!r} is no host name: write it as in kgrag.example.org, or "
                    "kgrag.example.org:8443 where it is reached by another port."
                )
        if self.host in EVERYWHERE and not self.names:
            raise ConfigError(
                f"With --host {self.host}, say by which names the page is reached, as in "
                "--name kgrag.example.org; requests by other names are refused."
            )
        self._require_pair()

    @property
    def is_open(self) -> bool:
        """Whether other machines reach the address."""
        return not is_loopback(self.host)

    @property
    def hosts(self) -> frozenset[str]:
        """Names by which it is reached, in lower case; those of loopback go without saying."""
        own = f"[{self.host}]" if ":" in self.host else self.host
        return frozenset(name.lower() for name in (own, *self.names)) - frozenset(EVERYWHERE)

    @property
    def url(self) -> str:
        """Where a browser finds the page."""
        scheme = "https" if self.certificate else "http"
        name = self.names[0] if self.names else self.host
        name = f"[{name}]" if ":" in name and not self.names else name
        return f"{scheme}://{name}" if ":" in name.rpartition("]")[2] else self._with_port(name)

    @property
    def warning(self) -> str | None:
        """What to tell whoever starts it; None where nothing is amiss."""
        if not self.is_open or self.certificate is not None:
            return None
        return (
            "Without --certificate and --key, passwords and documents travel readable through the "
            "network. Serve by TLS, or listen on 127.0.0.1 behind a proxy that does."
        )

    def _with_port(self, name: str) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{name}:{self.port}"

    def _require_no_names(self) -> None:
        if self.names or self.behind_proxy:
            raise ConfigError(
                "--name and --behind-proxy let others reach the page, and without accounts it asks "
                "for no password. Add --accounts DIR."
            )

    def _require_pair(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("--certificate and --key go together: give both, or none.")
        if self.certificate is None:
            return
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # A key with a password of its own must not ask for it on the terminal.
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{self.certificate} and {self.key} cannot be used for TLS ({error}). Both are PEM "
                "files, the key belongs to the certificate and has no password."
            ) from error


def require_loopback(host: str) -> None:
    """Raise ConfigError unless ``host`` is reachable from this machine only."""
    if not is_loopback(host):
        raise ConfigError(
            f"The page cannot be served on {host!r} without accounts: it asks for no password, so "
            "anyone who reaches that address could read your documents. Use 127.0.0.1, or "
            "--accounts DIR after kgrag user add NAME --admin --home DIR."
        )


def _no_password() -> str:
    raise ValueError("the key is protected by a password")
