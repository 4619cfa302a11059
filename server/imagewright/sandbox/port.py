"""The public port of a home: served by one of its processes, taken over by another when that one is gone.

Picture URLs are built on it, so that they outlive the process that handed them out. It is recorded in the home's
`sandbox/port`; the first process binds it, any other serves on a port of its own and keeps an eye on it.
"""

import http.client
import json
import socket
import threading
import time
from enum import Enum, auto
from typing import Final

from imagewright.sandbox.world import World

_PROBE_SECONDS: Final = 2.0
_BETWEEN_ATTEMPTS_SECONDS: Final = 0.05
_ATTEMPTS: Final = 6


class PublicPort:
    """Which port a process serves (`own`), and which the home is known by (`public`)."""

    def __init__(self, world: World, host: str) -> None:
        """Bind both or, where another process of the home serves the public one, the own. Raises OSError."""
        self._world = world
        self._host = host
        self._record = world.folder / "port"
        self._lock = threading.Lock()
        self._serves_public = False
        self.public = 0
        self.first = self._settle()
        self.own: Final[int] = self.first.getsockname()[1]

    def claim(self) -> socket.socket | None:
        """The public port, listening, where this process gets it just now; None where it has it or another does."""
        with self._lock:
            if self._serves_public:
                return None
            self.public = self._recorded() or self.public
            taken = _listen(self._host, self.public)
            self._serves_public = taken is not None
            return taken

    def _settle(self) -> socket.socket:
        for attempt in range(1, _ATTEMPTS + 1):
            recorded = self._recorded()
            if recorded is not None:
                taken = _listen(self._host, recorded)
                if taken is not None:
                    self.public, self._serves_public = recorded, True
                    return taken
                found = self._who(recorded)
                if found is _Who.OURS:
                    self.public = recorded
                    return socket.create_server((self._host, 0))
                if found is _Who.NOBODY and attempt < _ATTEMPTS - 1:  # just gone, or the system keeps it for itself
                    time.sleep(_BETWEEN_ATTEMPTS_SECONDS)
                    continue
            fresh = socket.create_server((self._host, 0))
            port = fresh.getsockname()[1]
            if self._replace(recorded, port):
                self.public, self._serves_public = port, True
                return fresh
            fresh.close()  # another process of the home was quicker
        raise OSError(f"No port of {self._host} can be had for the sandbox. Set a provider's key to work without it.")

    def _recorded(self) -> int | None:
        try:
            text = self._record.read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return int(text) if text.isdecimal() and 0 < int(text[:6]) < 65_536 else None  # noqa: PLR2004  # ports end there

    def _replace(self, expected: int | None, port: int) -> bool:
        """Record a port unless another process has recorded one meanwhile: the world's lock is the home's."""
        with self._world.transaction():
            if self._recorded() != expected:
                return False
            # Not by way of a second file: Windows refuses to replace one that is being read. Who reads half of it takes
            # it for no port, comes here and is sent back.
            self._record.write_text(f"{port}\n", "ascii")
            return True

    def _who(self, port: int) -> "_Who":
        """Who answers on a port: a sandbox of this home, something else, or nobody."""
        connection = http.client.HTTPConnection(self._host, port, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", "/_sandbox/health")
            name: object = json.loads(connection.getresponse().read(65_536))["world"]
        except ConnectionRefusedError:
            return _Who.NOBODY
        except (OSError, ValueError, TypeError, LookupError, http.client.HTTPException):
            return _Who.FOREIGN
        finally:
            connection.close()
        return _Who.OURS if name == self._world.identity() else _Who.FOREIGN


class _Who(Enum):
    OURS = auto()
    FOREIGN = auto()
    NOBODY = auto()


def _listen(host: str, port: int) -> socket.socket | None:
    try:
        return socket.create_server((host, port))
    except OSError:
        return None
