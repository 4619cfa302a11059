"""The things a prompt names, drawn where the casting put them, with their shadows and what they hold."""

from dataclasses import replace

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.scenes.casting import Actor, cast, flatness
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.smoke import paint_launch, paint_steam
from imagewright.sandbox.painter.scenes.woods import LEAVES, season
from imagewright.sandbox.painter.stamp import Pose, stamp
from imagewright.sandbox.painter.words.kinds import FLIERS, FLOATERS, STEAMING, SWIMMERS, is_food, metres
from imagewright.sandbox.painter.words.subjects import Subject

_SKINS = ("f1c7a5", "d9a27a", "b57a52", "8a5a3c")
_HUMAN = ("person-", "man-", "woman-", "astronaut", "people", "horse-racing", "skier", "snowboarder", "santa")
_HELD = {
    "open-book": 0.42,
    "umbrella": 0.75,
    "balloon": 0.7,
    "red-heart": 0.3,
    "guitar": 0.55,
    "violin": 0.5,
    "bouquet": 0.42,
    "kite": 0.5,
    "sailboat": 0.5,
}


def play(scene: Scene, stage: Stage) -> None:
    """Draw every subject of the brief on the stage."""
    for actor in sorted(cast(scene, stage), key=lambda actor: (not actor.airborne, actor.foot)):
        _enter(scene, stage, actor)


def _enter(scene: Scene, stage: Stage, actor: Actor) -> None:
    canvas, rng = scene.canvas, scene.rng
    unit = canvas.unit
    seated = actor.subject.relation.endswith(" host")
    if actor.name == "rocket" and actor.airborne:
        paint_launch(scene, stage, actor)
        return
    afloat = (
        (stage.medium == "afloat" or (stage.water > 0 and actor.name in FLOATERS)) and not actor.airborne and not seated
    )
    if afloat:
        canvas.glow((actor.x, actor.foot), (actor.width * 0.62, unit * 0.035), stage.shadow, 0.5, falloff=1.2)
    elif not actor.airborne and not seated and stage.medium in {"ground", "table"}:
        reach = actor.width * 0.5
        canvas.glow(
            (actor.x + reach * 0.1, actor.foot - reach * 0.03),
            (reach * 1.25, max(unit * 0.012, reach * 0.24)),
            stage.shadow,
            stage.shadow_strength * 0.7,
            falloff=1.3,
        )
        canvas.glow(
            (actor.x, actor.foot - reach * 0.02),
            (reach * 0.95, max(unit * 0.008, reach * 0.1)),
            stage.shadow,
            stage.shadow_strength,
            falloff=1.0,
        )
    tilt = rng.uniform(-5, 5) if actor.airborne and actor.name in FLIERS else 0.0
    if stage.medium == "weightless":
        tilt = rng.uniform(-14, 14) if actor.name != "ringed-planet" else 0.0
    _draw(scene, stage, actor, tilt)
    if afloat:
        _waterline(scene, stage, actor)
    if actor.name in STEAMING and stage.medium in {"table", "ground"}:
        paint_steam(canvas, (actor.x, actor.foot - actor.height * 0.95), actor.height * 0.7, rng.uniform(0, 3))
    for order, thing in enumerate(actor.held):
        _hold(scene, stage, actor, thing, order)


def _draw(scene: Scene, stage: Stage, actor: Actor, tilt: float) -> None:
    drawn = actor.drawn
    size = actor.height / drawn.height
    shift = ((drawn.left + drawn.right) / 2 - 0.5) * size
    centre = (actor.x + (shift if actor.flipped else -shift), actor.foot - (drawn.bottom - 0.5) * size)
    human = actor.name.startswith(_HUMAN)
    tint = actor.subject.tint
    if tint is None and actor.name == "deciduous-tree" and season(scene):
        tint = rgb(LEAVES[season(scene)][0])
    skin = rgb(scene.rng.choice(_SKINS)) if human else None
    light = replace(stage.light, solid=scene.brief.style == "solid")
    stamp(scene.canvas, drawn, Pose(centre, size, tilt, actor.flipped, tint, skin), light)


def _hold(scene: Scene, stage: Stage, actor: Actor, thing: Subject, order: int) -> None:
    """What is held stands in front, at the holder's hands; a ball or a plate lies at its feet."""
    drawn = figure(thing.motif)
    share = (
        0.36
        if is_food(thing.motif)
        else _HELD.get(
            thing.motif, max(0.24, min(0.75, (metres(thing.motif) / max(0.1, metres(actor.name))) ** 0.5 * 0.7))
        )
    )
    height = actor.height * share * flatness(drawn)
    reading = thing.motif == "open-book"
    side = -1 if actor.flipped else 1
    lifted = thing.motif in {"umbrella", "balloon", "kite"}
    x = actor.x + (0 if reading else side * actor.width * (0.42 + 0.3 * order))
    foot = (
        actor.foot
        - actor.height * (0.1 if reading else 0.95 if thing.motif == "kite" else 0.45 if lifted else 0.0)
        + (0 if reading or lifted else scene.canvas.unit * 0.015)
    )
    if not reading and not lifted and stage.medium in {"ground", "table"}:
        scene.canvas.shadow((x, foot), height * 0.6, strength=stage.shadow_strength, colour=stage.shadow)
    _draw(scene, stage, Actor(thing, drawn, x, foot, height, actor.flipped and not reading), 0.0)


def _waterline(scene: Scene, stage: Stage, actor: Actor) -> None:
    """Hide the keel, and draw a few lines where the water meets it."""
    canvas, unit = scene.canvas, scene.canvas.unit
    foam = mix(stage.light.ambient, WHITE, 0.6)
    sunk = actor.height * (0.06 if actor.name in FLOATERS or actor.name in SWIMMERS else 0.0)
    water: Colour = mix(scene.air.stops[0], rgb("103e68"), 0.4)
    if sunk:
        canvas.ellipse(
            (actor.x, actor.foot + sunk * 0.3),
            (actor.width * 0.52, sunk * 1.1),
            mix(water, scene.air.stops[2], 0.25),
            opacity=0.85,
        )
    for at in range(4):
        half = actor.width * (0.52 - 0.09 * at)
        y = actor.foot - sunk * 0.6 + unit * 0.011 * at
        canvas.line(
            [(actor.x - half, y), (actor.x - half * 0.2, y + unit * 0.002)], unit * 0.003, foam, opacity=0.5 - 0.09 * at
        )
        canvas.line(
            [(actor.x + half * 0.25, y), (actor.x + half, y - unit * 0.001)],
            unit * 0.003,
            foam,
            opacity=0.5 - 0.09 * at,
        )
