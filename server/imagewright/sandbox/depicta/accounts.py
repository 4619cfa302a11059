"""Keys, accounts and money: who may call, what is held while a picture is made, GET /v1/account/profile."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox import accounts
from imagewright.sandbox.accounts import Account, Opening
from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.errors import euros, insufficient
from imagewright.sandbox.depicta.models import Model
from imagewright.sandbox.vendor import Refused, Reply, json_reply
from imagewright.sandbox.world import Transaction

# depicta.ai/docs/api shows dpct_ and 43 letters and digits; only the beginning is called a rule.
KEY: Final = re.compile(r"dpct_[A-Za-z0-9_-]+")
HOLDS: Final = "depicta.hold"
_OPENING_EUR: Final = Decimal(1000)
_NOTHING: Final = Decimal(0)
# depicta.ai/docs/concepts/credits: from here on every model and size; below, economy models of at most 2K.
_EVERYTHING_FROM_EUR: Final = Decimal("0.50")
# A process that dies leaves its hold behind. No generation takes longer than a story does.
ABANDONED_AFTER: Final = timedelta(hours=1)


def opening(key: str) -> Opening:
    """How an account starts: with EUR 1000, or as the marker words in its key say."""
    balance = _OPENING_EUR
    if "empty" in key:
        balance = _NOTHING
    elif "low" in key:
        balance = Decimal("0.30")
    facts: dict[str, Any] = {
        "email": "sandbox@example.com",
        "email_verified": "unverified" not in key,
        "suspended": "suspended" in key,
        "revoked": "revoked" in key,
        "strictness": "liberal" if "liberal" in key else "normal",
        "allowed_models": ["gemini-2.5-flash-image"] if "restricted" in key else None,
    }
    return Opening(balance, "EUR", facts)


def admit(call: Call) -> None:
    """Refuse the owners of good keys who may not call (both codes: depicta.ai/docs/reference/error-codes)."""
    facts = call.account.facts
    if facts["suspended"]:
        raise Refused(403, "account_suspended", "This account is suspended. Write to support.")
    if not facts["email_verified"]:
        raise Refused(403, "auth_email_not_verified", "The account's e-mail address is not verified yet.")


def hold(call: Call, job_id: str, amount: Decimal, model: Model, size: str) -> None:
    """Set the estimated cost of a job aside (depicta.ai/docs/concepts/credits).

    Raises:
        Refused: The balance does not cover it, or does not open this model or size.
    """
    reading = call.switch("low_balance_refusal")
    with call.world.transaction() as tx:
        account = accounts.reread(tx, call.account)
        available = account.balance - held(tx, account)
        if available < amount:
            raise insufficient(
                account.balance, f"EUR {euros(amount)} are needed and EUR {euros(available)} there. Top up the account."
            )
        if available < _EVERYTHING_FROM_EUR and not (model.economy and size in {"1K", "2K"}):
            message = f"A balance under EUR {_EVERYTHING_FROM_EUR} opens economy models of at most 2K only."
            if reading == "model_not_allowed":
                raise Refused(403, "model_not_allowed", message)
            raise insufficient(account.balance, message)
        body = {"amount": str(amount), "at": tx.now().isoformat()}
        tx.put(HOLDS, job_id, body, owner=account.fingerprint)


def settle(tx: Transaction, account: Account, job_id: str, cost: Decimal, reason: str) -> Account:
    """Take what a job really cost in place of what was held for it; return the account then."""
    release(tx, job_id)
    # What was accepted is paid, even where the balance was set lower in the meantime.
    return accounts.charge(tx, account, cost, reason, overdraft=True) if cost else accounts.reread(tx, account)


def release(tx: Transaction, job_id: str) -> None:
    """Give back what is held for a job: nothing is charged for what failed."""
    tx.remove(HOLDS, job_id)


def is_held(tx: Transaction, job_id: str) -> bool:
    """Whether something is set aside for a job."""
    return tx.get(HOLDS, job_id) is not None


def held(tx: Transaction, account: Account) -> Decimal:
    """What is set aside for running generations, in EUR."""
    oldest = (tx.now() - ABANDONED_AFTER).isoformat()
    holds = tx.find(HOLDS, owner=account.fingerprint)
    return sum((Decimal(one["amount"]) for one in holds if one["at"] > oldest), _NOTHING)


def profile(call: Call) -> Reply:
    """GET /v1/account/profile: the fields that the client 1.3.0 reads; what is available is balance less held."""
    with call.world.transaction() as tx:
        account = accounts.reread(tx, call.account)
        user = {
            "email": account.facts["email"],
            "balance_eur": euros(account.balance),
            "held_eur": euros(held(tx, account)),
        }
    return json_reply({"user": user})
