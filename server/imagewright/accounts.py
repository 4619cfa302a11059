"""Finds the social accounts that a caller means: by id, by platform name, or by handle."""

from collections.abc import Sequence

from imagewright.errors import RequestError
from imagewright.posts import Account
from imagewright.text import listing, quote

_ALSO_CALLED = {"twitter": "x"}


def chosen_accounts(names: Sequence[str], known: Sequence[Account]) -> list[Account]:
    """Return the account that each name means, in order, each once.

    Raises:
        RequestError: A name means no account, or more than one; the message lists which there are.
    """
    chosen: dict[int, Account] = {}
    for name in names:
        found = _meant(name.strip(), known)
        if len(found) != 1:
            what = "means no account" if not found else "means more than one account"
            there = listing([described(one) for one in found or known]) if known else "none are connected"
            raise RequestError(f"{quote(name, 60)} {what}: name one by its id. There are: {there}.")
        chosen[found[0].account_id] = found[0]
    return list(chosen.values())


def described(account: Account) -> str:
    """Return an account in words: id, platform, handle (the provider's text, quoted)."""
    return f"{account.account_id} ({account.platform} {quote(account.name, 40)})"


def _meant(name: str, known: Sequence[Account]) -> list[Account]:
    wanted = name.casefold()
    by_id = [one for one in known if str(one.account_id) == name]
    by_platform = [one for one in known if one.platform.casefold() == _ALSO_CALLED.get(wanted, wanted)]
    by_name = [one for one in known if one.name.casefold().lstrip("@") == wanted.lstrip("@")]
    return by_id or by_platform or by_name
