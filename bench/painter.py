"""How long the sandbox's painter takes: milliseconds per scene at 1024 x 1024, painting and encoding.

    python bench/painter.py

Prints the best of five, as CPU time, after one warm-up run that loads the motifs.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeVar

from imagewright.sandbox.painter import encode, paint

ROUNDS = 5
FORMS: tuple[Literal["jpeg", "webp", "png"], ...] = ("jpeg", "webp", "png")
SIDE = 1024
PROMPTS = (
    "deep blue abstract gradient backdrop",
    "minimalist logo for a technology company",
    "professional photo of a modern office",
    "a red fox in a snowy forest at dawn",
    "a cup of coffee on a wooden table, watercolour",
    "a rocket launching over mountains",
    "neon city skyline at night",
    "a mountain lake with pine trees",
    "three robots reading books",
    "portrait of a young woman with red hair",
    "a whale under water",
    "an astronaut riding a horse on mars",
    "a ship in a stormy sea, oil painting",
    "pencil sketch of a bicycle",
    "pixel art dragon and castle",
    "seamless pattern of strawberries",
    "the feeling of synergy",
)

Result = TypeVar("Result")


def main() -> None:
    """Print the table."""
    print(
        f"{'prompt':<50}{'paint':>8}{'+jpeg':>8}{'+webp':>8}{'+png':>8}   ms of CPU, best of {ROUNDS}, {SIDE} x {SIDE}"
    )
    for prompt in PROMPTS:
        painting, image = best(partial(paint, prompt, width=SIDE, height=SIDE))
        row = [painting]
        for form in FORMS:
            encoding, _ = best(partial(encode, image, form, prompt=prompt))
            row.append(painting + encoding)
        print(f"{prompt:<50}" + "".join(f"{figure:>8.0f}" for figure in row))


def best(work: Callable[[], Result]) -> tuple[float, Result]:
    """The least CPU milliseconds of several runs, and the last result."""
    result = work()
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        result = work()
        times.append((time.process_time() - started) * 1000)
    return min(times), result


if __name__ == "__main__":
    main()
