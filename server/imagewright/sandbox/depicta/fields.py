"""Reads a request's fields and collects everything that is wrong with them, so that one error names it all."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.errors import invalid

_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
_LONE_SURROGATE: Final = re.compile("[\\ud800-\\udfff]")
_REQUIRED: Final = "is required"
_NO_COLOUR: Final = "must be a colour such as #1D1D1D"


class Fields:
    """The fields of one object. `problems` fills up as they are read; `finish` raises it."""

    def __init__(self, values: Mapping[str, Any], *, path: str = "", problems: dict[str, str] | None = None) -> None:
        """Read `values`; an object inside another shares its `problems` and has a `path` such as `scenes[0].`."""
        self._values = values
        self._path = path
        self._known: set[str] = set()
        self.problems: dict[str, str] = {} if problems is None else problems

    def __contains__(self, name: str) -> bool:
        """Whether a field was sent, be it null."""
        return name in self._values

    def finish(self, call: Call) -> None:
        """Raise Refused where anything read so far was wrong."""
        if self.problems:
            raise invalid(call, self.problems)

    def no_others(self, call: Call) -> None:
        """Object to fields that nobody read (unless switched to ignore them)."""
        if call.switch("unknown_fields") == "reject":
            for name in self._values:
                if name not in self._known:
                    self.wrong(name, "is not a known field")

    def wrong(self, name: str, reason: str) -> None:
        """Note what is wrong with a field."""
        path = (self._path + name).encode(errors="replace").decode()  # a name, too, can hold half a character
        self.problems.setdefault(path, reason)

    def value(self, name: str, *, required: bool = False) -> Any:
        """Whatever is there; null is nothing."""
        self._known.add(name)
        value = self._values.get(name)
        if value is None and required:
            self.wrong(name, _REQUIRED)
        return value

    def text(self, name: str, *, required: bool = False, choices: Sequence[str] = ()) -> str | None:
        """A string, of `choices` where some are given; a required one is not blank."""
        value = self.value(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, "must be a string")
            return None
        if _LONE_SURROGATE.search(value):
            self.wrong(name, "must be Unicode text")
        if required and not value.strip():
            self.wrong(name, _REQUIRED)
        if choices and value not in choices:
            self.wrong(name, f"must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str) -> bool | None:
        """A boolean."""
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(name, "must be true or false")
            return None
        return value

    def number(
        self, name: str, least: float, most: float, *, required: bool = False, whole: bool = False
    ) -> float | None:
        """A number from `least` to `most`."""
        value = self.value(name, required=required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            self.wrong(name, "must be an integer" if whole else "must be a number")
            return None
        if not least <= value <= most:
            self.wrong(name, f"must be from {least:g} to {most:g}")
            return None
        return value

    def whole(self, name: str, least: int, most: int, *, required: bool = False) -> int | None:
        """An integer from `least` to `most`."""
        value = self.number(name, least, most, required=required, whole=True)
        return None if value is None else int(value)

    def colours(self, name: str, least: int, most: int) -> list[str]:
        """A required array of colours in the form #RRGGBB."""
        found = self.strings(name, least, most, required=True)
        for index, colour in enumerate(found):
            if not _COLOUR.fullmatch(colour):
                self.wrong(f"{name}[{index}]", _NO_COLOUR)
        return found

    def colour(self, name: str, *, required: bool = False, default: str | None = None) -> str | None:
        """A colour in the form #RRGGBB."""
        value = self.text(name, required=required)
        if value is not None and not _COLOUR.fullmatch(value):
            self.wrong(name, _NO_COLOUR)
            return None
        return default if value is None else value

    def items(self, name: str, least: int, most: int, *, required: bool = False) -> list[object]:
        """An array of `least` to `most` things."""
        value = self.value(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(name, "must be an array")
            return []
        things = cast("list[object]", value)
        if not least <= len(things) <= most:
            self.wrong(name, f"must have {least} to {most} entries" if least else f"must have at most {most} entries")
        return things

    def strings(self, name: str, least: int, most: int, *, required: bool = False) -> list[str]:
        """An array of strings."""
        things = self.items(name, least, most, required=required)
        for index, thing in enumerate(things):
            if not isinstance(thing, str):
                self.wrong(f"{name}[{index}]", "must be a string")
        return [thing for thing in things if isinstance(thing, str)]

    def objects(self, name: str, least: int, most: int, *, required: bool = False) -> list["Fields"]:
        """An array of objects."""
        found: list[Fields] = []
        for index, thing in enumerate(self.items(name, least, most, required=required)):
            path = f"{self._path}{name}[{index}]"
            if isinstance(thing, dict):
                found.append(Fields(cast("dict[str, Any]", thing), path=f"{path}.", problems=self.problems))
            else:
                self.problems.setdefault(path, "must be an object")
        return found
