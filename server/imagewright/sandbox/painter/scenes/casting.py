"""Where the things a prompt names go: in scale, standing, flying, riding, in and behind one another."""

from dataclasses import dataclass, replace

from imagewright.sandbox.painter.figures import dressed, figure
from imagewright.sandbox.painter.motifs import Motif
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.words.kinds import FLIERS, FLOATERS, metres
from imagewright.sandbox.painter.words.subjects import Subject

_MOST = 7
_ROW = 3  # as many fit side by side
# How tall one of one, two, three or more stands, away from a table and on it.
_CROWDS = ((1.0, 0.92, 0.92, 0.66), (1.0, 0.92, 0.92, 0.86))
_UNTURNED = frozenset(("rocket", "desktop-computer"))
# How high up a thing another one stands on it or sits in it, as a share of its height.
_SEATS = {
    "chair": 0.5,
    "bed": 0.5,
    "couch-and-lamp": 0.34,
    "horse": 0.56,
    "bicycle": 0.62,
    "motorcycle": 0.55,
    "motor-scooter": 0.5,
    "skateboard": 0.75,
    "camel": 0.7,
    "elephant": 0.95,
    "unicorn": 0.6,
    "sailboat": 0.3,
    "canoe": 0.45,
    "rocket": 0.7,
    "dragon": 0.55,
    "automobile": 0.92,
    "kick-scooter": 0.3,
    "sled": 0.5,
    "whale": 0.8,
    "dolphin": 0.7,
    "turtle": 0.8,
    "open-book": 0.7,
    "full-moon": 0.95,
    "piano": 0.9,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A thing with its place: `x` its middle, `foot` its lowest point, `height` its size, in pixels."""

    subject: Subject
    drawn: Motif
    x: float
    foot: float
    height: float
    flipped: bool = False
    airborne: bool = False
    held: tuple[Subject, ...] = ()

    @property
    def width(self) -> float:
        """In pixels."""
        return self.height * self.drawn.width / self.drawn.height

    @property
    def name(self) -> str:
        """Of its motif."""
        return self.subject.motif


def cast(scene: Scene, stage: Stage) -> list[Actor]:
    """Give every subject of the brief its place."""
    subjects = scene.brief.subjects
    dependent = {"wears", "holds", "rides", "on", "in", "over", "behind", "under", "shelters"}
    roots = [at for at, subject in enumerate(subjects) if subject.target is None or subject.relation not in dependent]
    roots = [at for at in roots if not (stage.seat and subjects[at].motif == "couch-and-lamp")]
    airborne = [at for at in roots if _flies(subjects[at], scene, stage)]
    grounded = [at for at in roots if at not in airborne]
    placed: dict[int, list[Actor]] = {}
    _line_up(scene, stage, grounded, placed, air=False)
    _line_up(scene, stage, airborne, placed, air=True)
    for at, subject in enumerate(subjects):
        if at not in placed and subject.relation in dependent - {"wears", "holds"}:
            _relate(scene, stage, at, placed)
    return [actor for group in placed.values() for actor in group]


def _flies(subject: Subject, scene: Scene, stage: Stage) -> bool:
    if stage.medium in {"water", "weightless", "table"}:
        return False
    perched = any(
        word in scene.brief.words for word in ("branch", "sitting", "perched", "standing", "walking", "parked")
    )
    if subject.motif == "rocket":
        return True
    if subject.motif.startswith(("person-", "man-", "woman-")) and subject.motif not in FLIERS:
        return False
    return subject.relation == "over" or (
        subject.motif in FLIERS and not perched and subject.motif not in {"owl", "dragon", "parrot"}
    )


def _line_up(scene: Scene, stage: Stage, chosen: list[int], placed: dict[int, list[Actor]], *, air: bool) -> None:
    """Stand subjects side by side, the tallest at the stage's full height and the row within its width."""
    canvas, rng, subjects = scene.canvas, scene.rng, scene.brief.subjects
    people = [at for at in chosen for _ in range(min(_MOST if len(chosen) < _ROW else 2, subjects[at].count))][:_MOST]
    if not people:
        return
    riders = {
        at
        for at, subject in enumerate(subjects)
        if subject.target in people and subject.relation in {"on", "in", "rides"}
    }
    others = {at for at, subject in enumerate(subjects) if air and subject.target is None}
    tallest = max(metres(subjects[at].motif) for at in (*people, *riders, *others))
    drawn = {at: _dress(scene, at) for at in chosen}
    crowd = _CROWDS[stage.medium == "table"][min(len(people), 4) - 1]
    heights = {
        at: stage.height * crowd * max(0.34, (metres(subjects[at].motif) / tallest) ** 0.55) * flatness(drawn[at])
        for at in chosen
    }
    rows = 2 if len(people) > _ROW else 1
    widths = [heights[at] * drawn[at].width / drawn[at].height for at in people]
    room = canvas.width * stage.spread
    gap = canvas.unit * 0.045
    need = (sum(widths) + gap * (len(widths) - 1)) / (1.0 if rows == 1 else 1.55)
    fit = min(1.0, room / need)
    slack = min((room - need * fit) * 0.4, canvas.unit * 0.25) if len(people) > 1 else 0.0
    total = (need * fit + slack) if len(people) > 1 else widths[0] * fit
    drift = rng.uniform(-1, 1) * max(0.0, (room - total) * 0.16)
    if len(people) == 1 and canvas.width > canvas.height * 1.3:
        drift = rng.choice((-1, 1)) * canvas.width * 0.1
    x = canvas.width * stage.centre + drift - total / 2
    x = max(canvas.width * 0.03, min(x, canvas.width * 0.97 - total))
    share = sum(widths)
    for order, (at, width) in enumerate(zip(people, widths, strict=True)):
        span = total * width / share
        far = rows > 1 and order % 2 == 0
        height = heights[at] * fit * (0.84 if far else 1.0) * (rng.uniform(0.94, 1.04) if len(people) > 1 else 1.0)
        foot = (stage.back if far else stage.ground) + (
            rng.uniform(-0.012, 0.012) * canvas.height if len(people) > 1 else 0
        )
        if air:
            foot = stage.air + height / 2 + (rng.uniform(-0.09, 0.09) * canvas.height if len(people) > 1 else 0)
        elif stage.water and subjects[at].motif in FLOATERS:
            foot = stage.water + (height * 0.12 if order % 2 else 0)
        elif stage.medium in {"water", "weightless"}:
            foot = stage.air + height / 2 + canvas.height * (rng.uniform(-0.1, 0.12) if len(people) > 1 else 0.04)
        flipped = scene.chance(0.5) if subjects[at].motif not in _UNTURNED else False
        placed.setdefault(at, []).append(
            Actor(subjects[at], drawn[at], x + span / 2, foot, height, flipped, air, _held_by(subjects, at))
        )
        x += span


def flatness(drawn: Motif) -> float:
    """Wide things (cars, whales) are drawn lower than they could be, tall ones at their full height."""
    return min(1.0, 1.25 * drawn.height / max(drawn.width, 1e-6)) if drawn.width > drawn.height * 1.25 else 1.0


def _dress(scene: Scene, at: int) -> Motif:
    subjects = scene.brief.subjects
    worn = tuple(subject.motif for subject in subjects if subject.relation == "wears" and subject.target == at)
    return (dressed(subjects[at].motif, worn) if worn else None) or figure(subjects[at].motif)


def _held_by(subjects: tuple[Subject, ...], at: int) -> tuple[Subject, ...]:
    wearable = dressed(subjects[at].motif, tuple(s.motif for s in subjects if s.relation == "wears" and s.target == at))
    return tuple(
        subject
        for subject in subjects
        if subject.target == at and (subject.relation == "holds" or (subject.relation == "wears" and wearable is None))
    )


def _relate(scene: Scene, stage: Stage, at: int, placed: dict[int, list[Actor]]) -> None:
    """Place a subject by another that already stands."""
    subjects = scene.brief.subjects
    subject = subjects[at]
    hosts = placed.get(subject.target if subject.target is not None else -1)
    drawn = _dress(scene, at)
    sofa = stage.seat is not None and subject.target is not None and subjects[subject.target].motif == "couch-and-lamp"
    if sofa and stage.seat is not None:
        height = scene.canvas.unit * 0.2 * flatness(drawn)
        placed[at] = [
            Actor(
                replace(subject, relation="on host"),
                drawn,
                stage.seat[0] + (order - (subject.count - 1) / 2) * height,
                stage.seat[1],
                height,
            )
            for order in range(min(subject.count, 3))
        ]
        return
    if not hosts:
        _line_up(scene, stage, [at], placed, air=subject.relation == "over")
        return
    host = hosts[0]
    count = min(subject.count, 3)
    scale = (
        max(0.3, min(1.1, (metres(subject.motif) / max(0.05, metres(host.name))) ** 0.55))
        * host.height
        * flatness(drawn)
    )
    group: list[Actor] = []
    for order in range(count):
        shift = (order - (count - 1) / 2) * scale * 0.9
        base = Actor(subject, drawn, host.x + shift, host.foot, scale, host.flipped, held=_held_by(subjects, at))
        group.append(_beside(scene, stage, subject.relation, base, host))
    placed[at] = group


def _beside(scene: Scene, stage: Stage, relation: str, base: Actor, host: Actor) -> Actor:
    canvas = scene.canvas
    seat = _SEATS.get(host.name, 0.93)
    if relation in {"on", "rides"}:
        height = min(
            base.height, host.height * 0.95 if relation == "rides" else max(host.height * 0.8, canvas.unit * 0.2)
        )
        sunk = 0.16 * height if relation == "rides" else 0.02 * height
        # A hair in front of its host, or it would be drawn first.
        return replace(
            base,
            foot=host.foot - host.height * seat + sunk,
            height=height,
            airborne=False,
            subject=replace(base.subject, relation=f"{relation} host"),
        )
    if relation == "in":
        height = min(base.height, host.height * 0.9)
        return replace(base, foot=host.foot - host.height * 0.42, height=height, airborne=True)
    if relation == "under":
        side = 1 if host.x < canvas.width / 2 else -1
        return replace(base, x=base.x + side * host.width * 0.3, foot=host.foot + canvas.unit * 0.02)
    if relation == "shelters":
        height = host.height * 0.95
        return replace(base, height=height, foot=host.foot - host.height * 0.52, airborne=True)
    if relation == "behind":
        return replace(
            base, x=host.x - host.width * 0.45 + base.width * 0.1, foot=host.foot - canvas.unit * 0.04, airborne=True
        )
    top = host.foot - host.height
    middle = max(base.height * 0.6, min(stage.air, top - base.height * 0.62 - canvas.unit * 0.02))
    return replace(base, x=host.x + (base.x - host.x), foot=middle + base.height / 2, airborne=True)
