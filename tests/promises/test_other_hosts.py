"""S6: nothing but loopback is listened on without accounts, however the address is written."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from indexes.errors import ConfigError
from kgrag.cli import main
from tests.ui.guarded import Behind, accounts_of, client_of, serving
from ui.guard import Guard
from ui.serve_options import ServeOptions
from ui.server import bind

ELSEWHERE = ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "fe80::1", "::ffff:192.168.1.5", "0",
             "example.org", "", "127.0.0.1.nip.io", "localhost.", "localhost.localdomain",
             "127.1", "0x7f000001", "2130706433", "*"]  # fmt: skip
HERE = ["127.0.0.1", "127.0.0.2", "::1", "localhost"]


@pytest.mark.parametrize("host", ELSEWHERE)
def test_without_accounts_other_addresses_are_refused_with_what_to_do(host: str) -> None:
    with pytest.raises(ConfigError, match="password.*--accounts"):
        ServeOptions(host=host)
    with pytest.raises(ConfigError, match="password.*--accounts"):
        bind(host, 0)


def test_a_name_that_leads_here_is_still_only_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tomorrow it may lead elsewhere, and the socket would follow it."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 0))])
    monkeypatch.setattr(socket, "gethostbyname", lambda _: "127.0.0.1")
    with pytest.raises(ConfigError):
        bind("my-laptop", 0)


@pytest.mark.parametrize("host", HERE)
def test_this_machine_alone_needs_no_accounts(host: str) -> None:
    options = ServeOptions(host=host)
    assert not options.is_open
    assert options.warning is None


@pytest.mark.parametrize("more", [{"names": ("kgrag.example",)}, {"behind_proxy": True}])
def test_without_accounts_no_other_way_in_is_opened(more: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="--accounts"):
        ServeOptions(**more)  # type: ignore[arg-type]


def test_with_accounts_any_address_may_be_listened_on(tmp_path: Path) -> None:
    options = ServeOptions(host="0.0.0.0", accounts=tmp_path, names=("Kgrag.example", "b:8443"))
    assert options.hosts == {"kgrag.example", "b:8443"}
    with bind(options.host, 0, has_accounts=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"
    assert ServeOptions(host="192.168.1.5", accounts=tmp_path).hosts == {"192.168.1.5"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_whoever_listens_everywhere_says_by_which_names(host: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--name"):
        ServeOptions(host=host, accounts=tmp_path)


@pytest.mark.parametrize(
    "name", ["", "*", "*.example", "http://a", "a/b", "a b", "a:b", "-a", "a."]
)
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="host name"):
        ServeOptions(accounts=tmp_path, names=(name,))


def test_passwords_that_would_travel_readable_are_warned_of(tmp_path: Path) -> None:
    is_open = ServeOptions(host="192.168.1.5", accounts=tmp_path)
    assert is_open.warning is not None
    assert "readable" in is_open.warning
    assert ServeOptions(accounts=tmp_path, behind_proxy=True, names=("a",)).warning is None


def test_the_command_refuses_before_it_opens_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "library"
    for host in ("0.0.0.0", "::", "example.org"):
        status = main(["ui", "--host", host, "--port", "0", "--library", str(library)])
        said = capsys.readouterr().err
        assert status == 1
        assert "password" in said
        assert "Traceback" not in said


# -- names ---------------------------------------------------------------------------------------

REBINDING = ["evil.example", "evil.example:7860", "127.0.0.1.evil.example", "127.0.0.1.nip.io",
             "localhost.evil.example", "localhost.", "evil@127.0.0.1", "127.0.0.1:7860@evil", "",
             "0.0.0.0", "0.0.0.0:7860", "[::]", "127.1", "2130706433", "kgrag.example.evil",
             "xkgrag.example", "127.0.0.1/x", "127.0.0.1:", "127.0.0.1:x", "kgrag.example:1",
             "[::1", "127.0.0.1, evil.example"]  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/api/libraries"])
def test_a_name_that_was_made_to_lead_here_is_not_answered(path: str, tmp_path: Path) -> None:
    accounts = accounts_of(tmp_path, "anna")
    options = ServeOptions(accounts=tmp_path, names=("kgrag.example",))
    behind = Behind()
    for guard in (Guard(behind.app), Guard(behind.app, options, accounts=accounts)):
        with client_of(guard) as client:
            for host in REBINDING:
                assert client.get(path, headers={"host": host}).status_code == 403, host
    assert behind.reached == []
    accounts.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:7860",
        "localhost:7860",
        "[::1]:7860",
        "localhost",
        "127.0.0.1:9000",
        "LOCALHOST",
    ],  # fmt: skip
)
def test_the_names_of_this_machine_are_answered_through_any_port(host: str) -> None:
    """A tunnel or a container may lead from another port to this one."""
    with client_of(Guard(Behind().app)) as client:
        assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [("kgrag.example", 200), ("KGRAG.example", 200), ("kgrag.example:7860", 200),
     ("kgrag.example:8443", 403), ("b.example:8443", 200), ("b.example", 403)],
)  # fmt: skip
def test_a_configured_name_is_answered_with_its_port(
    host: str, status: int, tmp_path: Path
) -> None:
    accounts = accounts_of(tmp_path, "anna")
    options = ServeOptions(accounts=tmp_path, names=("Kgrag.example", "b.example:8443"))
    with client_of(Guard(Behind().app, options, accounts=accounts)) as client:
        assert client.get("/healthz", headers={"host": host}).status_code == status
    accounts.close()


# -- TLS -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", str(key), "-out", str(certificate), *subject]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    return certificate, key


def test_by_tls_it_is_served_with_a_cookie_for_tls_alone(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    accounts = accounts_of(tmp_path, "anna")
    options = ServeOptions(accounts=tmp_path, certificate=pair[0], key=pair[1])
    assert options.url == "https://127.0.0.1:7860"
    guard = Guard(Behind().app, options, accounts=accounts)
    trusting = ssl.create_default_context(cafile=str(pair[0]))
    with (
        serving(guard, ssl_certfile=options.certificate, ssl_keyfile=options.key) as port,
        httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=trusting) as client,
    ):
        form = {"name": "anna", "password": "four words apart"}
        foreign = client.post("/login", data=form, headers={"origin": f"http://127.0.0.1:{port}"})
        own = client.post("/login", data=form, headers={"origin": f"https://127.0.0.1:{port}"})
        assert (foreign.status_code, own.status_code) == (403, 303)
        assert "; Secure" in own.headers["set-cookie"]
    accounts.close()


def test_files_that_are_no_pair_are_refused_before_anything_is_served(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="go together"):
        ServeOptions(certificate=pair[0])
    for certificate, key in ((pair[1], pair[0]), (tmp_path / "none.pem", pair[1])):
        with pytest.raises(ConfigError, match="PEM"):
            ServeOptions(certificate=certificate, key=key)


def test_a_key_with_a_password_is_refused_and_not_asked_for(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    locked = tmp_path / "locked.pem"
    subprocess.run(["openssl", "ec", "-in", str(pair[1]), "-aes256", "-passout", "pass:secret",
                    "-out", str(locked)], check=True, capture_output=True)  # fmt: skip
    with pytest.raises(ConfigError, match="has no password"):
        ServeOptions(certificate=pair[0], key=locked)
