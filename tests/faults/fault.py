"""What one paid request meets at a vendor: an answer that is right, or one thing that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# How an answer ends. "whole": as it should. "half": with half of the body. "drip": the head and one byte, and then
# nothing for as long as the client waits. "hang": nothing, for as long as the client waits. "silent": the connection
# closes without a word. "unread": the same, before the body of the request was read. "raw": `page` without any HTTP.
Ending = Literal["whole", "half", "drip", "hang", "silent", "unread", "raw"]

# Where a paid request is on its way, in this order. Each is reached by requests that get that far.
Moment = Literal["arrived", "charged", "head", "half", "answered"]

HTML = "<html><head><title>Bad gateway</title></head><body><h1>cloudfront</h1>The origin is unwell.</body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer to a paid request; without arguments it is the right one.

    `charged` None means: as the status says. `code` is put into the vendor's own envelope, `page` stands for the whole
    body. `reset` ends the connection with RST, not FIN. `pictures` come of those that were ordered, and only they cost.
    `wait_seconds` pass between charge and answer. For `late_seconds` by the bank's clock a look does not find it done:
    Depicta shows a job that runs, the others show nothing. `failed_job` leaves a job that failed and cost nothing.
    """

    status: int | None = None
    code: str | None = None
    page: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ending: Ending = "whole"
    charged: bool | None = None
    reset: bool = False
    pictures: int | None = None
    wait_seconds: float = 0
    late_seconds: float = 0
    failed_job: bool = False

    @property
    def takes_money(self) -> bool:
        """Whether the vendor charges for this request."""
        if self.charged is not None:
            return self.charged
        return self.status is None and self.ending != "unread"


RIGHT = Fault()


def faults_of(listed: list[dict[str, Any]]) -> list[Fault]:
    """Return faults from JSON: each an object with the fields of `Fault`."""
    return [Fault(**one) for one in listed]
