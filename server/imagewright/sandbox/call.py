"""One request to a vendor, and everything that the function answering it may use."""

import json
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, cast

from imagewright.sandbox import accounts
from imagewright.sandbox.accounts import Account
from imagewright.sandbox.faults import Fault
from imagewright.sandbox.limits import Slots
from imagewright.sandbox.vendor import Refused, Route, Trouble, Vendor
from imagewright.sandbox.world import World

if TYPE_CHECKING:
    from imagewright.sandbox.pictures import Picture, Pictures

_WORDS: Mapping[Trouble, str] = {
    Trouble.NO_ROUTE: "There is no such endpoint.",
    Trouble.WRONG_METHOD: "This endpoint does not take this method.",
    Trouble.BAD_KEY: "Missing, malformed or revoked API key.",
    Trouble.BAD_JSON: "The body is not a JSON object.",
    Trouble.BAD_FIELD: "The body has a field that this endpoint does not know.",
    Trouble.TOO_LARGE: "The body is too large.",
    Trouble.CRASH: "Something went wrong on our side.",
    Trouble.NO_FILE: "There is no such file.",
    Trouble.LINK_EXPIRED: "This link has expired, or its signature is wrong.",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    filename: str
    content_type: str
    data: bytes


@dataclass(slots=True)
class Call:
    """One request. Made by the core; a vendor's functions read it and set `reply_headers`."""

    world: World
    vendor: Vendor
    pictures: "Pictures"
    slots: Slots  # requests at once
    route: Route | None
    method: str
    mount: str  # under which the vendor was called: `heydecks`
    path: str  # within that: `/v1/images`
    parameters: Mapping[str, str]  # of the path
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    form: Mapping[str, str]  # the fields of a multipart form
    files: Mapping[str, Upload]  # the files of a multipart form, of those with one name the last
    uploads: Sequence[tuple[str, Upload]]  # the same, all of them in their order
    root: Callable[[], str]  # the origin that picture URLs are built on
    request_id: str = ""
    faults: tuple[Fault, ...] = ()
    reply_headers: dict[str, str] = field(default_factory=dict[str, str])
    _account: Account | None = None

    @property
    def base_url(self) -> str:
        """Where this vendor is mounted, without a slash at the end."""
        return f"{self.root()}/{self.vendor.slug}"

    # Who calls.

    @property
    def account(self) -> Account:
        """The caller's account as the request found it (inside a transaction use `accounts.reread`)."""
        if self._account is None:
            raise RuntimeError("This request needs no key, so there is no account.")
        return self._account

    @account.setter
    def account(self, account: Account) -> None:
        self._account = account

    def authenticate(self) -> None:
        """Find the account of the request's bearer key. Raises Refused for none, a malformed or a revoked one."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self.vendor.key_form.fullmatch(key):
            self.trouble(Trouble.BAD_KEY)
        with self.world.transaction() as tx:
            self._account = accounts.open_account(tx, self.vendor.slug, key, self.vendor.opening(key))
        if self._account.facts.get("revoked"):
            self.trouble(Trouble.BAD_KEY)

    # What is asked.

    def json_object(self, known: Collection[str] | None, *, optional: bool = False) -> dict[str, Any]:
        """The body as a JSON object with no fields but the `known` ones (unless switched to ignore others).

        None knows every field. `optional` takes no body for an empty object. Raises Refused.
        """
        if not self.body and optional:
            return {}
        content_type = self.headers.get("content-type", "application/json")
        if "json" not in content_type:
            self.trouble(Trouble.BAD_JSON, f"The body is {content_type}; send application/json.")
        try:
            value: Any = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            self.trouble(Trouble.BAD_JSON)
        if not isinstance(value, dict):
            self.trouble(Trouble.BAD_JSON)
        fields = cast("dict[str, Any]", value)
        if known is None:
            return fields
        strange = [name for name in fields if name not in known]
        if strange and self.switch("unknown_fields") == "reject":
            self.trouble(
                Trouble.BAD_FIELD,
                f"Unknown field: {', '.join(strange)}. Known: {', '.join(known)}.",
                details=dict.fromkeys(strange, "is not a known field"),
            )
        return {name: value for name, value in fields.items() if name in known}

    # How to answer.

    def switch(self, name: str) -> str:
        """How one of the vendor's switches is set."""
        default = next((switch.default for switch in self.vendor.switches if switch.name == name), None)
        if default is None:
            raise KeyError(f"{self.vendor.slug} declares no switch {name!r}.")
        with self.world.transaction() as tx:
            return tx.setting(f"switch.{self.vendor.slug}.{name}") or default

    def trouble(self, trouble: Trouble, message: str | None = None, *, details: Any = None) -> NoReturn:
        """Refuse in the vendor's own terms. Raises Refused."""
        code = self.vendor.troubles[trouble]
        raise Refused(code.status, code.code, message or code.message or _WORDS[trouble], details=details)

    @property
    def keep(self) -> int | None:
        """How many pictures of this request succeed where a `partial` fault struck it, else None (all)."""
        found = [fault.parameters["keep"] for fault in self.faults if fault.kind == "partial"]
        return found[0] if found else None

    # Money.

    def charge(self, amount: Decimal, reason: str, *, overdraft: bool = False) -> Account:
        """Take money from the caller; return the account then. Raises accounts.EmptyPurseError."""
        with self.world.transaction() as tx:
            self.account = accounts.charge(tx, self.account, amount, reason, overdraft=overdraft)
        return self.account

    @contextmanager
    def charged(self, amount: Decimal, reason: str, *, overdraft: bool = False) -> Generator[Account]:
        """Take money for what happens inside, and give it back where that raises. Raises accounts.EmptyPurseError."""
        account = self.charge(amount, reason, overdraft=overdraft)
        try:
            yield account
        except BaseException:
            self.refund(amount, f"{reason}: failed")
            raise

    def refund(self, amount: Decimal, reason: str) -> Account:
        """Give money back to the caller; return the account then."""
        with self.world.transaction() as tx:
            self.account = accounts.refund(tx, self.account, amount, reason)
        return self.account

    # Pictures.

    def host(self, picture: "Picture", path: str, *, signed: bool = False) -> None:
        """Serve a picture under `/files/<path>` of this vendor, for ever; `signed` ones only with a link of `link`."""
        self.pictures.host(self.vendor.slug, path, picture, signed=signed)

    def link(self, path: str, lifetime_seconds: int | None = None) -> str:
        """The URL of a hosted picture; with a lifetime, signed and of no use afterwards (by the world's clock)."""
        return self.base_url + self.pictures.link(self.vendor.slug, path, lifetime_seconds)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
