"""What arrived: every request to a vendor, written down for tests that must see what was sent. Never the key itself."""

import json
from typing import Any, Final

from imagewright.sandbox.accounts import fingerprint
from imagewright.sandbox.call import Call
from imagewright.sandbox.world import Transaction

REQUESTS: Final = "sandbox.request"
_KEPT: Final = 500
_BODY_BYTES: Final = 65_536
# Of the other headers only the names are kept: a value may be a secret.
_SHOWN: Final = frozenset({"accept", "content-length", "content-type", "host", "idempotency-key", "user-agent"})


def write_down(tx: Transaction, call: Call) -> None:
    """Keep a request, and with it the newest 500."""
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    number = tx.number("arrival")
    tx.put(
        REQUESTS,
        str(number),
        {
            "sequence": number,
            "provider": call.vendor.slug,
            "mount": call.mount,
            "method": call.method,
            "path": call.path,
            "query": dict(call.query),
            "header_names": sorted(call.headers),
            "headers": {name: value for name, value in call.headers.items() if name in _SHOWN},
            "auth_scheme": scheme or None,
            "fingerprint": fingerprint(key) if key else None,
            "body": _readable(call),
            "request_id": call.request_id,
            "faults": [fault.kind for fault in call.faults],
            "at": tx.now().isoformat(),
        },
        owner=call.vendor.slug,
    )
    tx.keep_newest(REQUESTS, _KEPT)


def _readable(call: Call) -> Any:
    """The body: JSON as it is, a form by its fields and files, anything else as text or its size."""
    if call.form or call.files:
        files = [
            {"name": name, "filename": file.filename, "content_type": file.content_type, "size_bytes": len(file.data)}
            for name, file in call.uploads
        ]
        return {"form": dict(call.form), "files": files}
    if not call.body:
        return None
    if len(call.body) > _BODY_BYTES:
        return {"size_bytes": len(call.body)}
    try:
        return json.loads(call.body)
    except (ValueError, RecursionError):
        pass
    try:
        return call.body.decode()
    except UnicodeDecodeError:
        return {"size_bytes": len(call.body)}
