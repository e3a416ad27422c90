"""The login and the account as HTML: plain forms, without gradio and without a script.

What a user has typed is escaped like any other text (``ui.render.escape``); a password is never put
into a page. The pages load nothing: their style is within them.
"""

from collections.abc import Sequence
from pathlib import Path

from indexes.accounts import ApiToken, User
from indexes.passwords import MAX_CHARS, MIN_CHARS
from ui.render import escape
from ui.words import Words

_CSS = (Path(__file__).parent / "static" / "account.css").read_text("utf-8")

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Stricter than the page's own: here nothing runs at all."""


def login_page(say: Words, *, following: str, name: str = "", problem: str = "") -> str:
    """Return the login; ``following`` is the own path that it leads to."""
    other = "ru" if say.language == "en" else "en"
    notice = f'<p class="notice" role="alert">{escape(problem)}</p>' if problem else ""
    focus = ("", " autofocus") if name else (" autofocus", "")
    return _document(
        say,
        "account.log_in",
        f"""<main>
<p class="brand">kgrag</p>
<p class="tagline">{escape(say("account.tagline"))}</p>
<form class="card" method="post" action="/login?lang={say.language}">
<h1>{escape(say("account.welcome"))}</h1>
{notice}
<input type="hidden" name="next" value="{escape(following)}">
<label>{escape(say("account.name"))}
<input type="text" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none"
 spellcheck="false" maxlength="64" required{focus[0]}></label>
<label>{escape(say("account.password"))}
<input type="password" name="password" autocomplete="current-password" maxlength="{MAX_CHARS}"
 required{focus[1]}></label>
<button class="full">{escape(say("account.log_in"))}</button>
</form>
<p class="foot">{escape(say("account.no_account"))}</p>
<form class="foot" method="get" action="/login">
<input type="hidden" name="next" value="{escape(following)}">
<button class="quiet" name="lang" value="{other}" lang="{other}">
{escape(say("account.other_language"))}</button></form>
</main>""",
    )


def once_more(say: Words, address: str) -> str:
    """Return a page that opens ``address`` as its own: the browser then sends its cookie along."""
    return _document(
        say,
        "account.log_in",
        f'<main><p class="tagline"><a href="{escape(address)}">'
        f"{escape(say('account.one_moment'))}</a></p></main>",
        head=f'<meta http-equiv="refresh" content="0;url={escape(address)}">',
    )


def account_page(
    say: Words,
    user: User,
    tokens: Sequence[ApiToken],
    *,
    problem: str = "",
    done: str = "",
    new_token: str = "",
) -> str:
    """Return a user's account; ``new_token`` is shown this once."""
    role = f' <span class="role">{escape(say("account.admin"))}</span>' if user.is_admin else ""
    notice = f'<p class="notice" role="alert">{escape(problem)}</p>' if problem else ""
    if done:
        notice = f'<p class="notice good" role="status">{escape(done)}</p>'
    home = "/ru" if say.language == "ru" else "/"
    return _document(
        say,
        "account.title",
        f"""<main class="wide">
<div class="head"><h1>{escape(user.name)}{role}</h1>
<form method="post" action="/logout"><button class="quiet">{escape(say("account.log_out"))}</button>
</form></div>
{notice}
{_password_form(say, user)}
{_token_form(say, tokens, new_token)}
<p class="foot"><a href="{home}">{escape(say("account.back"))}</a></p>
</main>""",
    )


def _password_form(say: Words, user: User) -> str:
    fields = "".join(
        f'<label>{escape(say(f"account.{key}"))}<input type="password" name="{name}"'
        f' autocomplete="{kind}" {length} required></label>'
        for key, name, kind, length in (
            ("old_password", "old", "current-password", f'maxlength="{MAX_CHARS}"'),
            ("new_password", "new", "new-password", _NEW_LENGTH),
            ("again", "again", "new-password", _NEW_LENGTH),
        )
    )
    return f"""<form class="card" method="post" action="/account?lang={say.language}">
<h2>{escape(say("account.change_password"))}</h2>
<input type="text" name="username" value="{escape(user.name)}" autocomplete="username" hidden>
{fields}
<p class="hint">{escape(say("account.new_password_hint"))}</p>
<button name="do" value="password">{escape(say("account.change_password"))}</button>
</form>"""


_NEW_LENGTH = f'minlength="{MIN_CHARS}" maxlength="{MAX_CHARS}"'


def _token_form(say: Words, tokens: Sequence[ApiToken], new_token: str) -> str:
    rows = "".join(
        f'<li><span><code>{escape(token.prefix)}…</code><span class="made">'
        f"{escape(say('account.token_made', day=token.made[:10]))}</span></span>"
        f'<button class="quiet" name="revoke" value="{escape(token.prefix)}">'
        f"{escape(say('account.revoke'))}</button></li>"
        for token in tokens
    )
    listed = f"<ul>{rows}</ul>" if rows else f'<p class="hint">{say("account.no_tokens")}</p>'
    shown = ""
    if new_token:
        shown = (
            f'<p class="notice good" role="status">{escape(say("account.new_token"))}'
            f'<code class="token">{escape(new_token)}</code></p>'
        )
    return f"""<form class="card" method="post" action="/account?lang={say.language}">
<h2>{escape(say("account.tokens"))}</h2>
<p class="hint">{escape(say("account.tokens_hint"))}</p>
{shown}{listed}
<button name="do" value="token">{escape(say("account.make_token"))}</button>
</form>"""


def _document(say: Words, title: str, content: str, *, head: str = "") -> str:
    return f"""<!doctype html>
<html lang="{say.language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(say(title))} · kgrag</title>{head}<style>{_CSS}</style></head>
<body>
{content}
</body></html>
"""
