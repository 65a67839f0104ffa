"""Passwords in addresses and messages: found, and hidden. Whatever is printed, logged or tagged goes through here."""

import re

__all__ = ["has_password", "hide_passwords"]

HIDDEN = "***"
# scheme://user:password@host; a password may hold : and /, and @ too, so the last one before a blank ends it. After a
# host comes a port, not a password.
_IN_ADDRESS = re.compile(r"""(\w://[^\s:/@'"?#]*):(?!\d+[/?#])([^\s"]*)@""")
_TOKEN = re.compile(r"""(\bhttps?://)[^\s:/@'"?#]+@""")  # https://token@host
# ?password=..., and the same words in a driver's message or in JSON, with or without quotes.
_NAMED = re.compile(
    r"""\b((?:\w*password|passwd|pwd|\w*secret|(?:(?:access|auth|refresh)_)?token|api_?key)(?:\s*=|["']\s*:)\s*)"""
    r"""("[^"]*"|'[^']*'|[^\s&#"']+)""",
    re.IGNORECASE,
)


def hide_passwords(text: str) -> str:
    """Replace what is a password in an address, or is called one, by three stars."""
    text = _TOKEN.sub(rf"\g<1>{HIDDEN}@", _IN_ADDRESS.sub(rf"\g<1>:{HIDDEN}@", text))
    return _NAMED.sub(rf"\g<1>{HIDDEN}", text)


def has_password(text: str) -> bool:
    """Whether `hide_passwords` would change a text."""
    return hide_passwords(text) != text
