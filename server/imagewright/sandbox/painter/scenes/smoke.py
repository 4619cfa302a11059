"""A rocket going up, and steam."""

import math
from dataclasses import replace

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, mix, rgb
from imagewright.sandbox.painter.motifs import Motif
from imagewright.sandbox.painter.scenes.casting import Actor
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.stamp import Pose, stamp


def paint_launch(scene: Scene, stage: Stage, actor: Actor) -> None:
    """A rocket going up: flame, glow, a pillar of smoke that spreads over the ground."""
    canvas, rng = scene.canvas, scene.rng
    unit, size = canvas.unit, canvas.unit * 0.42
    x, y = canvas.width * (0.5 + rng.uniform(-0.1, 0.1)), max(size * 0.56, stage.air)
    grey = mix(rgb("f6f3f4"), stage.light.ambient, stage.light.share * 0.8)
    floor = canvas.height * 0.985
    start = y + size * 0.62
    for at in range(22):
        share = at / 21
        radius = unit * (0.016 + 0.055 * share**1.6)
        centre = (x + rng.uniform(-1, 1) * unit * 0.01 * (1 + 3 * share), start + (floor - start) * share)
        canvas.disc(
            centre,
            radius,
            mix(mix(rgb("ffe2b0"), grey, min(1.0, share * 2.2)), rgb("c8c9dc"), 0.3 * rng.random()),
            opacity=0.86,
        )
    for at in range(18):
        away = 1 - at / 18
        radius = unit * rng.uniform(0.05, 0.08) * (1.1 - 0.5 * away)
        spot = x + (-1) ** at * away * unit * rng.uniform(0.3, 0.4)
        canvas.ellipse(
            (spot, floor - (1 - away) * unit * rng.uniform(0.0, 0.05)),
            (radius * 1.3, radius),
            mix(grey, rgb("bfc2d6"), rng.random() * 0.6),
            opacity=0.92,
            foot=mix(grey, rgb("a9aecb"), 0.6),
        )
    canvas.glow((x, y + size * 0.58), (unit * 0.2, unit * 0.26), rgb("ffc25a"), 0.7, falloff=1.7)
    for half, reach, code in ((0.1, 0.46, "ff8a24"), (0.062, 0.34, "ffd75e"), (0.03, 0.2, "fff6d6")):
        top = y + size * 0.4
        canvas.polygon(
            [
                (x - size * half, top),
                (x + size * half, top),
                (x + size * half * 0.55, top + size * reach * 0.6),
                (x, top + size * reach),
                (x - size * half * 0.55, top + size * reach * 0.6),
            ],
            rgb(code),
        )
    stamp(canvas, _without_flame(actor.drawn), Pose((x, y), size, -45.0, tint=actor.subject.tint), stage.light)


def _without_flame(drawn: Motif) -> Motif:
    flame = {rgb("ff822d"), rgb("ff6723")}
    return replace(drawn, shapes=tuple(part for part in drawn.shapes if part.colour not in flame))


def paint_steam(canvas: Canvas, foot: tuple[float, float], height: float, phase: float) -> None:
    """Three rising wisps."""
    for wisp in (-1, 0, 1):
        points = [
            (
                foot[0]
                + wisp * height * 0.26
                + height * 0.07 * math.sin(at * 0.75 + wisp * 1.3 + phase) * (0.5 + at / 12),
                foot[1] - height * (0.03 + at / 12),
            )
            for at in range(12)
        ]
        canvas.line(points, height * 0.085, WHITE, opacity=0.16)
        canvas.line(points[1:-1], height * 0.04, WHITE, opacity=0.3)
