"""Windows, and the light that falls through them."""

import math

from imagewright.sandbox.painter.colour import mix, rgb
from imagewright.sandbox.painter.scenes.scene import Scene


def paint_window(scene: Scene, box: tuple[float, float, float, float], *, panes: int = 3, city: bool = False) -> None:
    """A window with the scene's own sky in it."""
    canvas, air, rng = scene.canvas, scene.air, scene.rng
    x, y, width, height = box
    unit = canvas.unit
    canvas.box((x - unit * 0.014, y - unit * 0.014, width + unit * 0.028, height + unit * 0.028), rgb("fbfaf7"))
    canvas.gradient(box, [(0, air.stops[0]), (0.5, air.stops[1]), (1, air.stops[3])])
    canvas.glow((x + width * 0.7, y + height * 0.34), (width * 0.3, width * 0.3), air.sun, 0.6 if not air.dark else 0.3)
    far = air.far(rgb("6f8f9f") if city else rgb("5f9a72"), 0.5)
    if city:
        at = x
        while at < x + width - unit * 0.01:
            wide = min(unit * rng.uniform(0.035, 0.075), x + width - at)
            tall = height * rng.uniform(0.18, 0.55)
            canvas.box((at, y + height - tall, wide, tall), mix(far, air.haze, rng.uniform(0.0, 0.5)))
            at += wide + unit * 0.003
    else:
        for drop, share in ((0.66, 0.45), (0.8, 0.1)):
            ridge = [
                (x + width * at / 14, y + height * (drop + 0.06 * math.sin(at * 0.8 + share * 9))) for at in range(15)
            ]
            canvas.polygon([*ridge, (x + width, y + height), (x, y + height)], mix(far, air.haze, share))
    for pane in range(1, panes):
        canvas.box((x + width * pane / panes - unit * 0.005, y, unit * 0.01, height), rgb("fbfaf7"))
    canvas.box((x, y + height * 0.36, width, unit * 0.008), rgb("fbfaf7"))
    canvas.box(
        (x - unit * 0.03, y + height + unit * 0.012, width + unit * 0.06, unit * 0.022),
        rgb("f4f1ea"),
        radius=unit * 0.004,
    )


def paint_shafts(scene: Scene, box: tuple[float, float, float, float], panes: int) -> None:
    """Daylight that falls through a window onto the floor."""
    canvas = scene.canvas
    if scene.air.dark:
        return
    x, y, width, height = box
    with canvas.soft() as soft:
        for pane in range(panes):
            left = x + width * pane / panes
            soft.polygon(
                [
                    (left, y + height),
                    (left + width * 0.9 / panes, y + height),
                    (left + width * 0.9 / panes + canvas.unit * 0.34, canvas.height),
                    (left + canvas.unit * 0.3, canvas.height),
                ],
                rgb("fff4d4"),
                opacity=0.17,
            )
        soft.glow((x + width / 2, y + height / 2), (width * 0.9, height), rgb("fff6dc"), 0.25, falloff=1.5)
