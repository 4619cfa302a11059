"""Flatten SVG path data to closed rings of points."""

import math
import re
from collections.abc import Iterator

Point = tuple[float, float]
Ring = tuple[Point, ...]

_SPACE = re.compile(r"[\s,]*")
_NUMBER = re.compile(r"[\s,]*(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_FLAG = re.compile(r"[\s,]*([01])")  # arc flags may be glued to the next number: "a1 1 0 012 3"
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_FLAG_PLACES = (3, 4)
_SMALLEST_RING = 3


def flatten(path: str, *, step: float) -> tuple[Ring, ...]:
    """Every subpath as a ring of points, curves cut so that a chord is about `step` path units long."""
    pen = _Pen(step)
    for command, numbers in _commands(path):
        pen.follow(command, numbers)
    pen.lift()
    return tuple(pen.rings)


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    at, command = 0, ""
    while (at := _skip(path, at)) < len(path):
        if path[at].isalpha():
            command, at = path[at], at + 1
        wanted = _ARGUMENTS[command.upper()]
        numbers: list[float] = []
        for place in range(wanted):
            pattern = _FLAG if command in "aA" and place in _FLAG_PLACES else _NUMBER
            match = pattern.match(path, at)
            if match is None:
                return
            numbers.append(float(match.group(1)))
            at = match.end()
        yield command, numbers
        # A move followed by more pairs means lines.
        command = {"M": "L", "m": "l"}.get(command, command)


def _skip(path: str, at: int) -> int:
    match = _SPACE.match(path, at)
    return match.end() if match else at


class _Pen:
    """Where the path is, and the rings drawn so far."""

    def __init__(self, step: float) -> None:
        self.rings: list[Ring] = []
        self._step = step
        self._ring: list[Point] = []
        self._at: Point = (0.0, 0.0)
        self._start: Point = (0.0, 0.0)
        self._control: Point | None = None  # of the curve just drawn, for the smooth S and T
        self._control_kind = ""

    def follow(self, command: str, numbers: list[float]) -> None:
        """Draw one command."""
        kind = command.upper()
        origin = self._at if command.islower() else (0.0, 0.0)
        if kind == "Z":
            self.lift()
            self._at = self._start
            self._ring = [self._at]
        elif kind == "A":
            self._arc(numbers, origin)
        else:
            self._straight_or_curve(kind, numbers, origin)
        if kind not in "CSQT":
            self._control = None

    def lift(self) -> None:
        """End the ring being drawn."""
        if len(self._ring) >= _SMALLEST_RING:
            self.rings.append(tuple(self._ring))
        self._ring = []

    def _straight_or_curve(self, kind: str, numbers: list[float], origin: Point) -> None:
        if kind == "H":
            self._line_to((origin[0] + numbers[0], self._at[1]))
            return
        if kind == "V":
            self._line_to((self._at[0], origin[1] + numbers[0]))
            return
        points = [(origin[0] + x, origin[1] + y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if kind == "M":
            self.lift()
            self._at = self._start = points[0]
            self._ring = [points[0]]
        elif kind == "L":
            self._line_to(points[0])
        elif kind in "CS":
            first = [] if kind == "C" else [self._reflected("C")]
            self._cubic(*first, *points)
        else:
            first = [] if kind == "Q" else [self._reflected("Q")]
            self._quadratic(*first, *points)

    def _reflected(self, family: str) -> Point:
        if self._control is None or self._control_kind != family:
            return self._at
        return 2 * self._at[0] - self._control[0], 2 * self._at[1] - self._control[1]

    def _line_to(self, point: Point) -> None:
        self._ring.append(point)
        self._at = point

    def _cuts(self, length: float) -> int:
        return max(2, min(40, math.ceil(length / self._step)))

    def _cubic(self, one: Point, two: Point, end: Point) -> None:
        start = self._at
        cuts = self._cuts(math.dist(start, one) + math.dist(one, two) + math.dist(two, end))
        for cut in range(1, cuts + 1):
            t = cut / cuts
            s = 1 - t
            a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            self._ring.append(
                (
                    a * start[0] + b * one[0] + c * two[0] + d * end[0],
                    a * start[1] + b * one[1] + c * two[1] + d * end[1],
                )
            )
        self._at, self._control, self._control_kind = end, two, "C"

    def _quadratic(self, one: Point, end: Point) -> None:
        start = self._at
        cuts = self._cuts(math.dist(start, one) + math.dist(one, end))
        for cut in range(1, cuts + 1):
            t = cut / cuts
            s = 1 - t
            a, b, c = s * s, 2 * s * t, t * t
            self._ring.append((a * start[0] + b * one[0] + c * end[0], a * start[1] + b * one[1] + c * end[1]))
        self._at, self._control, self._control_kind = end, one, "Q"

    def _arc(self, numbers: list[float], origin: Point) -> None:
        # SVG 1.1, appendix F.6.5: from end points to centre and angles.
        rx, ry, tilt_degrees, large, sweep, x, y = numbers
        end = (origin[0] + x, origin[1] + y)
        rx, ry = abs(rx), abs(ry)
        if not rx or not ry or end == self._at:
            self._line_to(end)
            return
        tilt = math.radians(tilt_degrees)
        cos, sin = math.cos(tilt), math.sin(tilt)
        dx, dy = (self._at[0] - end[0]) / 2, (self._at[1] - end[1]) / 2
        px, py = cos * dx + sin * dy, cos * dy - sin * dx
        grow = math.sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))
        rx, ry = rx * grow, ry * grow
        below = (rx * py) ** 2 + (ry * px) ** 2
        root = math.sqrt(max(0.0, (rx * ry) ** 2 - below) / below) * (-1 if large == sweep else 1)
        cx, cy = root * rx * py / ry, -root * ry * px / rx
        begin = math.atan2((py - cy) / ry, (px - cx) / rx)
        through = math.atan2((-py - cy) / ry, (-px - cx) / rx) - begin
        if sweep and through < 0:
            through += 2 * math.pi
        elif not sweep and through > 0:
            through -= 2 * math.pi
        middle_x = cos * cx - sin * cy + (self._at[0] + end[0]) / 2
        middle_y = sin * cx + cos * cy + (self._at[1] + end[1]) / 2
        cuts = self._cuts(abs(through) * max(rx, ry))
        for cut in range(1, cuts + 1):
            angle = begin + through * cut / cuts
            u, v = rx * math.cos(angle), ry * math.sin(angle)
            self._ring.append((cos * u - sin * v + middle_x, sin * u + cos * v + middle_y))
        self._at = end
