"""Accounts and money: one account for each key, every charge and refund a row of the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from imagewright.sandbox.world import Json, Transaction

ACCOUNTS: Final = "sandbox.account"
OPENINGS: Final = "sandbox.opening"  # what the control endpoint changed for the accounts to come
LEDGER: Final = "sandbox.ledger"


@dataclass(frozen=True, slots=True)
class Opening:
    """How an account starts: a balance in the provider's own unit, and facts (plan, scopes ...) by name.

    `facts` are JSON values; the control endpoint lets a test change those that are named here, and no others.
    """

    balance: Decimal
    unit: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """What a provider knows of the owner of a key."""

    provider: str
    fingerprint: str
    balance: Decimal
    unit: str
    facts: Mapping[str, Any]


class EmptyPurseError(Exception):
    """A charge is more than the balance."""

    def __init__(self, needed: Decimal, available: Decimal) -> None:
        super().__init__(f"{needed} needed, {available} there")
        self.needed = needed
        self.available = available


def fingerprint(key: str) -> str:
    """What stands for a key wherever something is written down."""
    return sha256(key.encode()).hexdigest()[:12]


def open_account(tx: Transaction, provider: str, key: str, opening: Opening) -> Account:
    """The account of a key; the first time, a new one that starts as `opening` says."""
    mark = fingerprint(key)
    found = tx.get(ACCOUNTS, f"{provider}:{mark}")
    if found is not None:
        return from_json(found)
    changed = tx.get(OPENINGS, provider) or {}
    balance = Decimal(changed.get("balance", opening.balance))
    facts = {name: changed.get(name, value) for name, value in opening.facts.items()}
    account = Account(provider, mark, balance, opening.unit, facts)
    save(tx, account)
    return account


def reread(tx: Transaction, account: Account) -> Account:
    """The account as it is now; the one at hand may be older than this transaction."""
    found = tx.get(ACCOUNTS, f"{account.provider}:{account.fingerprint}")
    return account if found is None else from_json(found)


def save(tx: Transaction, account: Account) -> None:
    """Write an account down."""
    body = {
        "provider": account.provider,
        "fingerprint": account.fingerprint,
        "balance": str(account.balance),
        "unit": account.unit,
        "facts": dict(account.facts),
    }
    tx.put(ACCOUNTS, f"{account.provider}:{account.fingerprint}", body, owner=account.provider)


def set_facts(tx: Transaction, account: Account, **facts: Any) -> Account:
    """Change facts of an account."""
    now = reread(tx, account)
    now = replace(now, facts={**now.facts, **facts})
    save(tx, now)
    return now


def charge(tx: Transaction, account: Account, amount: Decimal, reason: str, *, overdraft: bool = False) -> Account:
    """Take money; return the account with what is left.

    Raises EmptyPurseError where it is not there, unless the account may go below nothing (`overdraft`).
    """
    now = reread(tx, account)
    if amount > now.balance and not overdraft:
        raise EmptyPurseError(amount, now.balance)
    return _book(tx, now, -amount, reason)


def refund(tx: Transaction, account: Account, amount: Decimal, reason: str) -> Account:
    """Give money back; return the account with what it has then."""
    return _book(tx, reread(tx, account), amount, reason)


def set_balance(tx: Transaction, account: Account, balance: Decimal, reason: str) -> Account:
    """Set the balance (a new month, a top-up, a test); the difference is a row of the ledger."""
    now = reread(tx, account)
    return _book(tx, now, balance - now.balance, reason)


def _book(tx: Transaction, account: Account, amount: Decimal, reason: str) -> Account:
    account = replace(account, balance=account.balance + amount)
    save(tx, account)
    row: Json = {
        "sequence": tx.number("ledger"),
        "provider": account.provider,
        "fingerprint": account.fingerprint,
        "amount": str(amount),
        "unit": account.unit,
        "reason": reason,
        "balance": str(account.balance),
        "at": tx.now().isoformat(),
    }
    tx.put(LEDGER, str(row["sequence"]), row, owner=account.provider)
    return account


def from_json(body: Json) -> Account:
    """An account as it is written down."""
    return Account(body["provider"], body["fingerprint"], Decimal(body["balance"]), body["unit"], body["facts"])
