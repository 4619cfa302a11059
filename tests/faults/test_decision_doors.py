"""Rows 2, 3 and 13 of the decision table: doors that are shut, guarded by nobody known, or point elsewhere."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.agent import KEYS
from tests.faults.bank import Bank
from tests.faults.bank import bank as running_bank
from tests.faults.conftest import Waits
from tests.faults.customer import Customer, meaning
from tests.faults.fault import Fault
from tests.faults.matrix import ALL
from tests.faults.vendors import VENDORS

EVERYWHERE = pytest.mark.parametrize("slug", ALL)


def base_url(slug: str) -> str:
    """Return the name of the variable."""
    return f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@EVERYWHERE
@pytest.mark.parametrize("host", ["http://127.0.0.1:{unused}", "https://nowhere.invalid", "https://127.0.0.1:{bank}"])
async def test_row_2_what_could_not_leave_is_tried_three_times(
    host: str, slug: str, bank: Bank, customer: Customer, waits: Waits
) -> None:
    """Nobody listens, nobody has that name, nobody speaks TLS there: two more tries, and it says that nothing left."""
    customer.environ[base_url(slug)] = host.format(unused=unused_port(), bank=bank.port)

    result = await customer.draw(slug)

    assert ("no", 2) == (meaning(result), len(waits.resends))
    assert all(0 <= seconds <= 8 for seconds in waits.resends)
    assert 0 == bank.ledger.sent(slug)
    assert base_url(slug) in result.text


@EVERYWHERE
async def test_row_2_a_door_that_opens_meanwhile_is_gone_through(
    slug: str, bank: Bank, customer: Customer, waits: Waits
) -> None:
    """Refused once, and then let in: one request, one charge, a picture."""
    port = unused_port()
    customer.environ[base_url(slug)] = f"http://127.0.0.1:{port}/{slug}"

    async def open_the_door() -> None:
        await bank.listen(port)

    waits.before_resend = open_the_door

    result = await customer.draw(slug)

    assert ("done", 1, 1) == (meaning(result), bank.ledger.sent(slug), len(waits.resends))


@EVERYWHERE
async def test_row_3_a_wrong_certificate_gets_nothing_and_no_second_try(
    slug: str, bank: Bank, customer: Customer, waits: Waits, own_certificate: ssl.SSLContext
) -> None:
    """It stays wrong: one greeting, and one where a counter is read before; no request, no key in the words."""
    port = await bank.listen(tls=own_certificate)
    customer.environ[base_url(slug)] = f"https://127.0.0.1:{port}/{slug}"

    result = await customer.draw(slug)

    assert ("no", 0, 0) == (meaning(result), bank.ledger.sent(slug), len(waits.resends))
    assert bank.ledger.connections <= 2
    assert KEYS[slug] not in result.everything


@EVERYWHERE
@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("hops", [1, 2])
async def test_row_13_a_redirect_within_the_vendor_is_followed_once(
    status: int, hops: int, slug: str, bank: Bank, customer: Customer
) -> None:
    """To the same host it goes along, body, key and all; a second hop is refused, and nothing was charged."""
    location = f"{bank.origin}/{slug}/moved{VENDORS[slug].paid_path}"
    bank.arm(slug, *[Fault(status, headers={"Location": location})] * hops)

    result = await customer.draw(slug)

    first, second = bank.ledger.arrivals
    assert ("done" if hops == 1 else "no") == meaning(result)
    assert (first.body, first.headers["authorization"]) == (second.body, second.headers["authorization"])
    assert (2 - hops, True) == (len(bank.ledger.charged(slug)), second.path.startswith("/moved"))


@EVERYWHERE
async def test_row_13_a_redirect_to_another_port_is_another_host(slug: str, bank: Bank, customer: Customer) -> None:
    """The key does not go there, not even on this machine."""
    async with running_bank() as other:
        location = f"{other.origin}/{slug}{VENDORS[slug].paid_path}"
        bank.arm(slug, Fault(307, headers={"Location": location}))

        result = await customer.draw(slug)

        assert ("no", 1, 0) == (meaning(result), bank.ledger.sent(slug), other.ledger.connections)
