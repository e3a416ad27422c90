"""Passwords and other secrets: what is kept of them, so that a stolen file tells nobody any.

A password is kept as scrypt's digest of it with a salt of its own: guessing costs 32 MiB and a
tenth of a second each. Sessions and tokens are 32 random bytes, which nobody guesses: a plain
SHA-256 is kept. All comparisons take the same time whatever is compared.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata

from indexes.errors import AccountError

MIN_CHARS, MAX_CHARS = 8, 200

_LOG_N, _R, _P = 15, 8, 1
"""scrypt's cost: 128 * 2^15 * 8 bytes = 32 MiB, 0.1-0.2 s on one core here (OWASP's second row
with p = 3 takes three times as long)."""

_MAX_MEMORY = 64 << 20
_SALT_BYTES, _DIGEST_BYTES = 16, 32


def hash_password(password: str) -> str:
    """Return what to keep of a password: ``scrypt$15$8$1$SALT$DIGEST``.

    Raises
    ------
    AccountError
        It is too short or too long; the message does not repeat it.
    """
    password = _normal(password)
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise AccountError(
            f"The password has {len(password)} characters; choose one of {MIN_CHARS} to "
            f"{MAX_CHARS}, as in four words that do not belong together."
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = _scrypt(password, salt, _LOG_N, _R, _P)
    return "$".join(("scrypt", str(_LOG_N), str(_R), str(_P), _text(salt), _text(digest)))


def is_password(password: str, kept: str) -> bool:
    """Return whether ``kept`` was made of this password."""
    name, log_n, r, p, salt, digest = kept.split("$")
    if name != "scrypt":
        raise ValueError(f"{name!r} is no known way to keep a password")
    tried = _normal(password)[: MAX_CHARS + 1]
    found = _scrypt(tried, _bytes(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(found, _bytes(digest))


def new_secret() -> str:
    """Return 32 random bytes as 43 characters that fit into a header."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(
        data, salt=salt, n=1 << log_n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=_DIGEST_BYTES
    )


def _normal(password: str) -> str:
    """Return the same for «й» in one code point and in two; systems differ in what they send."""
    return unicodedata.normalize("NFC", password)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
