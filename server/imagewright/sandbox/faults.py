"""Faults on demand: what a test asks to go wrong, and with which request."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from imagewright.sandbox.world import Json, Transaction

FAULTS: Final = "sandbox.fault"

# Kind -> its parameters and what a value of theirs looks like.
KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "delay": {"seconds": "number"},
    "status": {"status": "integer", "code": "string", "message": "string", "body": "any", "headers": "object"},
    "garbage": {"status": "integer", "body": "string", "headers": "object"},
    "cut_body": {},
    "drop_before": {},
    "drop_after_charge": {},
    "partial": {"keep": "integer"},
}
COMMON: Final[Mapping[str, str]] = {
    "provider": "string",
    "kind": "string",
    "times": "integer or null",
    "path": "string",
    "method": "string",
}
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "delay": {"seconds": 1.0},
    "status": {"status": 500, "code": None, "message": None, "body": None, "headers": {}},
    "garbage": {
        "status": 200,
        "body": "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>",
        "headers": {},
    },
    "partial": {"keep": 0},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    fault_id: str
    kind: str
    parameters: Mapping[str, Any]


class UnknownFaultError(Exception):
    """A fault that the sandbox does not know; the message lists what it does."""


def add(tx: Transaction, asked: Mapping[str, Any], providers: frozenset[str]) -> Json:
    """Arm a fault and return it as it is listed. Raises UnknownFaultError."""
    kind = str(asked.get("kind"))
    if kind not in KINDS:
        raise UnknownFaultError(f"`kind` is one of {', '.join(KINDS)}, not {kind!r}.")
    known = {**COMMON, **KINDS[kind]}
    for name, value in asked.items():
        if name not in known:
            raise UnknownFaultError(f"A {kind} fault has no `{name}`. It has: {', '.join(known)}.")
        if not _fits(value, known[name]):
            raise UnknownFaultError(f"`{name}` is {known[name]}, not {value!r}.")
    if "provider" in asked and asked["provider"] not in providers:
        raise UnknownFaultError(f"`provider` is one of {', '.join(sorted(providers))}, not {asked['provider']!r}.")
    if asked.get("times", 1) is not None and asked.get("times", 1) < 1:
        raise UnknownFaultError("`times` is 1 or more, or null for until it is taken back.")
    if not 100 <= asked.get("status", 100) <= 599:  # noqa: PLR2004  # what HTTP calls a status
        raise UnknownFaultError("`status` is from 100 to 599.")
    if asked.get("seconds", 0) < 0 or asked.get("keep", 0) < 0:
        raise UnknownFaultError("`seconds` and `keep` are 0 or more.")
    fault: Json = {
        "fault_id": f"fault_{tx.number('fault')}",
        "provider": asked.get("provider"),
        "kind": kind,
        "times": asked.get("times", 1),
        "path": asked.get("path"),
        "method": asked["method"].upper() if "method" in asked else None,
        **_DEFAULTS.get(kind, {}),
        **{name: value for name, value in asked.items() if name in KINDS[kind]},
    }
    tx.put(FAULTS, fault["fault_id"], fault)
    return fault


def strike(tx: Transaction, provider: str, method: str, path: str, *, paid: bool) -> list[Fault]:
    """The faults that meet this request, used up by it: at most one delay and one of another kind, oldest first."""
    struck: list[Fault] = []
    for armed in tx.find(FAULTS):
        if not _meets(armed, provider, method, path, paid=paid):
            continue
        if any((fault.kind == "delay") == (armed["kind"] == "delay") for fault in struck):
            continue
        struck.append(Fault(armed["fault_id"], armed["kind"], {name: armed[name] for name in KINDS[armed["kind"]]}))
        if armed["times"] is None:
            continue
        armed["times"] -= 1
        if armed["times"]:
            tx.put(FAULTS, armed["fault_id"], armed)
        else:
            tx.remove(FAULTS, armed["fault_id"])
    return struck


def _meets(armed: Json, provider: str, method: str, path: str, *, paid: bool) -> bool:
    if armed["provider"] not in (None, provider) or armed["method"] not in (None, method):
        return False
    # Without a path a fault waits for what costs money, so that a look at a list does not use it up.
    return paid if armed["path"] is None else fnmatchcase(path, armed["path"])


def _fits(value: object, form: str) -> bool:
    if form == "any":
        return True
    if form == "integer or null" and value is None:
        return True
    types: dict[str, type | tuple[type, ...]] = {"string": str, "object": dict, "number": (int, float)}
    return isinstance(value, types.get(form, int)) and not isinstance(value, bool)
