"""The control endpoint, `/_sandbox`: faults, clock, switches, accounts, ledger, what arrived. No vendor has it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from imagewright.sandbox import accounts, faults
from imagewright.sandbox.accounts import Opening
from imagewright.sandbox.arrivals import REQUESTS
from imagewright.sandbox.call import Call
from imagewright.sandbox.vendor import Code, Refused, Reply, Route, Trouble, Vendor, json_reply
from imagewright.sandbox.world import Json, Transaction

SLUG: Final = "_sandbox"
_CLOCK_FIELDS: Final = ("freeze", "advance_seconds", "reset")


def control(vendors: Sequence[Vendor]) -> Vendor:
    """The control endpoint of a sandbox with these vendors: one more vendor, without keys, accounts or faults."""
    desk = _Desk({vendor.slug: vendor for vendor in vendors})
    answers = {
        "GET /health": desk.health,
        "GET /faults": desk.faults,
        "POST /faults": desk.add_fault,
        "DELETE /faults": desk.clear_faults,
        "DELETE /faults/{fault_id}": desk.remove_fault,
        "GET /clock": desk.clock,
        "POST /clock": desk.set_clock,
        "GET /switches": desk.switches,
        "PUT /switches": desk.set_switches,
        "GET /accounts": desk.accounts,
        "GET /accounts/{provider}": desk.accounts,
        "PUT /accounts/{provider}": desk.set_accounts,
        "GET /ledger": desk.ledger,
        "GET /requests": desk.requests,
        "DELETE /requests": desk.clear_requests,
        "POST /reset": desk.reset,
    }
    routes: list[Route] = []
    for line, answer in answers.items():
        method, path = line.split(" ")
        routes.append(Route(method, path, answer, open=True))
    troubles = {
        Trouble.NO_ROUTE: Code(404, "not_found", f"The control endpoint has: {', '.join(answers)}."),
        Trouble.WRONG_METHOD: Code(405, "method_not_allowed", f"The control endpoint has: {', '.join(answers)}."),
        Trouble.BAD_KEY: Code(401, "bad_key"),
        Trouble.BAD_JSON: Code(400, "bad_json"),
        Trouble.BAD_FIELD: Code(400, "unknown_field"),
        Trouble.TOO_LARGE: Code(413, "too_large"),
        Trouble.CRASH: Code(500, "internal_error"),
        Trouble.NO_FILE: Code(404, "not_found"),
        Trouble.LINK_EXPIRED: Code(403, "link_expired"),
    }
    return Vendor(SLUG, tuple(routes), re.compile("x^"), _no_opening, _envelope, troubles)


class _Desk:
    """The functions behind the control endpoint's paths."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._vendors = vendors

    def health(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            about = {
                "status": "ok",
                "world": tx.setting("identity"),
                "seed": int(tx.setting("seed") or 0),
                "now": tx.now().isoformat(),
                "public_url": call.root(),
                "providers": {slug: f"{call.root()}/{slug}" for slug in self._vendors},
            }
        return json_reply(about)

    def faults(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"faults": tx.find(faults.FAULTS)})

    def add_fault(self, call: Call) -> Reply:
        asked = call.json_object(None)
        try:
            with call.world.transaction() as tx:
                return json_reply(faults.add(tx, asked, frozenset(self._vendors)), 201)
        except faults.UnknownFaultError as error:
            raise Refused(400, "unknown_fault", str(error)) from None

    def clear_faults(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"removed": tx.remove(faults.FAULTS)})

    def remove_fault(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"removed": tx.remove(faults.FAULTS, call.parameters["fault_id"])})

    def clock(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply(_clock(tx))

    def set_clock(self, call: Call) -> Reply:
        asked = call.json_object(_CLOCK_FIELDS)
        if len(asked) != 1:
            raise Refused(400, "bad_clock", f"Send one of: {', '.join(_CLOCK_FIELDS)}.")
        with call.world.transaction() as tx:
            _move(tx, asked)
            tx.forget_hits_to_come()
            return json_reply(_clock(tx))

    def switches(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply(self._switches(tx))

    def set_switches(self, call: Call) -> Reply:
        asked = call.json_object(None)
        with call.world.transaction() as tx:
            for slug, settings in asked.items():
                vendor = self._vendor(slug)
                for name, value in _object(settings, f"`{slug}`").items():
                    _set_switch(tx, vendor, name, value)
            return json_reply(self._switches(tx))

    def accounts(self, call: Call) -> Reply:
        slug = call.parameters.get("provider")
        if slug is not None:
            self._vendor(slug)
        with call.world.transaction() as tx:
            return json_reply({"accounts": tx.find(accounts.ACCOUNTS, owner=slug)})

    def set_accounts(self, call: Call) -> Reply:
        """One account by its `key` or `fingerprint`; without either all, and those to come."""
        vendor = self._vendor(call.parameters["provider"])
        facts = vendor.opening("").facts
        asked = call.json_object(("key", "fingerprint", "balance", *facts))
        key, mark = asked.pop("key", None), asked.pop("fingerprint", None)
        if key is not None:
            if not isinstance(key, str) or not vendor.key_form.fullmatch(key):
                raise Refused(400, "bad_account", f"`key` is no key of {vendor.slug}'s form.")
            mark = accounts.fingerprint(key)
        balance = asked.pop("balance", None)
        for name, value in asked.items():
            _check_fact(vendor, name, value, facts[name])
        if balance is not None:
            balance = _amount(balance)
        with call.world.transaction() as tx:
            if key is not None:
                accounts.open_account(tx, vendor.slug, key, vendor.opening(key))
            if mark is None:
                opening = {**(tx.get(accounts.OPENINGS, vendor.slug) or {}), **asked}
                tx.put(
                    accounts.OPENINGS, vendor.slug, opening if balance is None else opening | {"balance": str(balance)}
                )
            changed = [
                accounts.from_json(found)
                for found in tx.find(accounts.ACCOUNTS, owner=vendor.slug)
                if mark in (None, found["fingerprint"])
            ]
            if mark is not None and not changed:
                raise Refused(404, "no_account", f"{vendor.slug} has no account {mark}. GET /accounts lists them.")
            for account in changed:
                accounts.set_facts(tx, account, **asked)
                if balance is not None:
                    accounts.set_balance(tx, account, balance, "set by the control endpoint")
            return json_reply({"accounts": tx.find(accounts.ACCOUNTS, owner=vendor.slug)})

    def ledger(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"ledger": tx.find(accounts.LEDGER, owner=call.query.get("provider"))})

    def requests(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"requests": tx.find(REQUESTS, owner=call.query.get("provider"))})

    def clear_requests(self, call: Call) -> Reply:
        with call.world.transaction() as tx:
            return json_reply({"removed": tx.remove(REQUESTS)})

    def reset(self, call: Call) -> Reply:
        seed = call.json_object(("seed",), optional=True).get("seed")
        if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
            raise Refused(400, "bad_seed", f"`seed` is an integer, not {seed!r}.")
        with call.world.transaction() as tx:
            tx.reset(seed)
        call.pictures.clear()
        return json_reply({"reset": True})

    def _vendor(self, slug: str) -> Vendor:
        found = self._vendors.get(slug)
        if found is None:
            raise Refused(404, "unknown_provider", f"There is no provider `{slug}`, only {', '.join(self._vendors)}.")
        return found

    def _switches(self, tx: Transaction) -> Json:
        return {
            slug: {
                switch.name: {
                    "value": tx.setting(f"switch.{slug}.{switch.name}") or switch.default,
                    "default": switch.default,
                    "values": list(switch.values),
                    "about": switch.about,
                }
                for switch in vendor.switches
            }
            for slug, vendor in self._vendors.items()
        }


def _set_switch(tx: Transaction, vendor: Vendor, name: str, value: object) -> None:
    known = {switch.name: switch for switch in vendor.switches}
    if name not in known:
        raise Refused(400, "unknown_switch", f"{vendor.slug} has no switch `{name}`, only {', '.join(known)}.")
    if value is not None and value not in known[name].values:
        values = ", ".join(known[name].values)
        raise Refused(400, "bad_switch", f"{vendor.slug}'s `{name}` is one of {values}, or null for the default.")
    tx.set_setting(f"switch.{vendor.slug}.{name}", None if value is None else str(value))


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(400, "bad_value", f"{what} is an object, not {value!r}.")
    return cast("dict[str, Any]", value)


def _move(tx: Transaction, asked: Mapping[str, Any]) -> None:
    if "reset" in asked:
        tx.set_setting("clock.frozen", None)
        tx.set_setting("clock.offset_seconds", None)
    elif "freeze" in asked:
        try:
            moment = datetime.fromisoformat(asked["freeze"])
        except (TypeError, ValueError):
            raise Refused(400, "bad_clock", "`freeze` is a moment such as 2026-06-12T09:00:00Z.") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        tx.set_setting("clock.frozen", moment.astimezone(UTC).isoformat())
    else:
        seconds = asked["advance_seconds"]
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise Refused(400, "bad_clock", "`advance_seconds` is a number.")
        frozen = tx.setting("clock.frozen")
        if frozen is not None:
            moved = datetime.fromisoformat(frozen) + timedelta(seconds=seconds)
            tx.set_setting("clock.frozen", moved.isoformat())
        else:
            offset = float(tx.setting("clock.offset_seconds") or 0) + seconds
            tx.set_setting("clock.offset_seconds", str(offset))


def _clock(tx: Transaction) -> Json:
    return {
        "now": tx.now().isoformat(),
        "frozen": tx.setting("clock.frozen") is not None,
        "offset_seconds": float(tx.setting("clock.offset_seconds") or 0),
    }


def _check_fact(vendor: Vendor, name: str, value: object, usual: object) -> None:
    allowed = vendor.fact_values.get(name)
    if allowed is not None and value not in allowed:
        raise Refused(400, "bad_account", f"`{name}` is one of {', '.join(allowed)}, not {value!r}.")
    if usual is not None and type(value) is not type(usual):
        raise Refused(400, "bad_account", f"`{name}` is such as {usual!r}, not {value!r}.")


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise Refused(400, "bad_account", f'`balance` is an amount such as "12.50", not {value!r}.')
    return amount


def _envelope(_: Call, refused: Refused) -> Json:
    return {"error": {"code": refused.code, "message": refused.message}}


def _no_opening(_: str) -> Opening:
    return Opening(Decimal(0), "", {})
