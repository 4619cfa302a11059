"""Build the sandbox painter's motif file from the npm packages it is made of.

    npm install @iconify-json/fluent-emoji-flat emojibase-data
    python scripts/build_motifs.py node_modules

Reads the flat Fluent emoji (Microsoft, MIT) and emojibase's names in four languages (MIT), keeps what a picture can
use, rewrites every shape as a filled path, and writes `motifs.zip` with one member per motif plus `names.json`,
and `NOTICE.txt` with both licences. The same packages give the same bytes.
"""

import argparse
import json
import math
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "server" / "imagewright" / "sandbox" / "painter" / "data"
LANGUAGES = ("en", "de", "fr", "es")
LONGEST_NAME_WORDS = 3
SHORTEST_NAME = 3
EPOCH = (1980, 1, 1, 0, 0, 0)  # the zip format's first date: builds do not depend on the day

KEPT_CATEGORIES = ("Animals & Nature", "Food & Drink", "Travel & Places", "Objects", "Activities")
LEFT_OUT = re.compile(
    r"oclock|thirty|-button|banknote|wheelchair|telephone-receiver|speaker-|bell-with-slash|videocassette|pager"
    r"|fax-machine|funeral|coffin|headstone|cigarette|syringe|pill$|toilet|plunger|bikini|briefs|menorah|kaaba"
    r"|suit$|prayer-beads|hamsa|map-of|airplane-(arrival|departure)|mailbox|card-(index|file)|(in|out)box-tray"
    r"|locked-with|optical-disk|dvd|computer-disk|circled|facing|moon-face|traffic-light"
)
ALSO_KEPT = """
robot alien alien-monster ghost skull clown-face pile-of-poo goblin ogre astronaut ninja santa-claus
bust-in-silhouette busts-in-silhouette people-hugging brain eye eyes tooth bone anatomical-heart handshake thumbs-up
thumbs-down waving-hand flexed-biceps raised-fist folded-hands clapping-hands victory-hand ok-hand red-heart
two-hearts sparkling-heart bomb collision speech-balloon thought-balloon recycling-symbol peace-symbol
check-mark-button heart-suit musical-notes
"""
ACTIVITIES = [
    "running",
    "walking",
    "biking",
    "mountain-biking",
    "surfing",
    "swimming",
    "rowing-boat",
    "climbing",
    "dancing",
    "golfing",
    "juggling",
    "cartwheeling",
    "in-lotus-position",
    "lifting-weights",
    "bouncing-ball",
    "playing-handball",
    "kneeling",
    "mage",
    "fairy",
    "superhero",
    "merpeople",
    "vampire",
    "elf",
    "genie",
]
OTHER_ACTIVITIES = ["person-fencing", "skier", "snowboarder", "horse-racing", "person-taking-bath", "person-in-bed"]

NOTICE = """The motifs in motifs.zip are drawn from two works, both under the MIT licence.

1. Fluent Emoji (flat), https://github.com/microsoft/fluentui-emoji, shapes.
   Taken from the npm package {icons}, converted to filled paths.

{microsoft}

2. emojibase-data, https://github.com/milesj/emojibase, names in English, German, French and Spanish.
   Taken from the npm package {names}.

{emojibase}
"""
# The npm package names the licence and its holder; this is the text of https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE
MICROSOFT_LICENSE = """MIT License

Copyright (c) Microsoft Corporation.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE"""


def main() -> None:
    """Read the packages, write the data files, report their size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "node_modules", type=Path, help="folder with @iconify-json/fluent-emoji-flat and emojibase-data"
    )
    packages: Path = parser.parse_args().node_modules
    source = Source(packages / "@iconify-json" / "fluent-emoji-flat", packages / "emojibase-data")

    motifs = {name: shapes for name in source.wanted() if (shapes := "\n".join(flat_shapes(source.body(name))))}
    names = {language: source.names(language, motifs.keys()) for language in LANGUAGES}

    TARGET.mkdir(parents=True, exist_ok=True)
    archive = TARGET / "motifs.zip"
    write_archive(archive, motifs, names)
    (TARGET / "NOTICE.txt").write_text(source.notice(), encoding="utf-8")
    counts = ", ".join(f"{len(table)} {language} names" for language, table in names.items())
    print(f"{archive.name}: {len(motifs)} motifs, {counts}, {archive.stat().st_size} bytes")


class Source:
    """The two npm packages, read."""

    def __init__(self, icons: Path, emojibase: Path) -> None:
        self._icons: dict[str, Any] = read_json(icons / "icons.json")["icons"]
        self._categories: dict[str, list[str]] = read_json(icons / "metadata.json")["categories"]
        self._by_code: dict[str, str] = read_json(icons / "chars.json")
        self._emojibase = emojibase
        self._versions = {
            "icons": package_version(icons),
            "names": package_version(emojibase),
        }

    def wanted(self) -> list[str]:
        """The names of the motifs worth keeping, sorted."""
        kept = {name for category in KEPT_CATEGORIES for name in self._categories[category]}
        kept = {name for name in kept if not LEFT_OUT.search(name)}
        kept.update(ALSO_KEPT.split(), OTHER_ACTIVITIES)
        kept.update(f"{who}-{activity}" for who in ("person", "man", "woman") for activity in ACTIVITIES)
        return sorted(kept & self._icons.keys())

    def body(self, name: str) -> str:
        """The SVG inside of an icon."""
        body: str = self._icons[name]["body"]
        return body

    def names(self, language: str, kept: set[str] | Any) -> dict[str, str]:
        """Lower-case name to motif, in one language."""
        labels: dict[str, str] = {name.replace("-", " "): name for name in kept} if language == "en" else {}
        for entry in read_json(self._emojibase / language / "data.json"):
            code: str = entry["hexcode"].lower()
            motif = self._by_code.get(code) or self._by_code.get(code.removesuffix("-fe0f"))
            label = re.sub(r"[^\w]+", " ", str(entry["label"]).lower()).strip()
            if (
                motif is not None
                and motif in kept
                and len(label) >= SHORTEST_NAME
                and len(label.split()) <= LONGEST_NAME_WORDS
            ):
                labels.setdefault(label, motif)
        return dict(sorted(labels.items()))

    def notice(self) -> str:
        """The licences of both works."""
        license_text = (self._emojibase / "LICENSE").read_text(encoding="utf-8").strip()
        return NOTICE.format(microsoft=MICROSOFT_LICENSE, emojibase=license_text, **self._versions)


@dataclass(frozen=True, slots=True)
class Fill:
    """What a shape inherits from the groups around it."""

    colour: str
    opacity: float


def flat_shapes(body: str) -> Iterator[str]:
    """Each filled shape of an icon as "rrggbbaa path"."""
    root = ET.fromstring(f'<svg xmlns:xlink="x">{body}</svg>')  # noqa: S314  a package file, read at build time by hand
    by_id = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    yield from walk(root, Fill("#000000", 1.0), by_id)


def walk(parent: ET.Element, inherited: Fill, by_id: dict[str, ET.Element]) -> Iterator[str]:
    """The shapes under one element, in drawing order."""
    for element in parent:
        if element.tag in {"defs", "clipPath", "linearGradient", "radialGradient", "filter", "mask"}:
            continue
        fill = Fill(
            element.get("fill", inherited.colour),
            inherited.opacity * float(element.get("opacity", "1")) * float(element.get("fill-opacity", "1")),
        )
        if element.tag == "use":
            yield from walk_one(by_id[element.get("href", "").removeprefix("#")], fill, by_id)
        elif element.tag in {"g", "svg"}:
            yield from walk(element, fill, by_id)
        else:
            yield from walk_one(element, fill, by_id)


def walk_one(element: ET.Element, inherited: Fill, by_id: dict[str, ET.Element]) -> Iterator[str]:
    """One drawn element as at most one line."""
    fill = element.get("fill", inherited.colour)
    path = as_path(element)
    alpha = round(255 * inherited.opacity)
    if fill.startswith("url("):
        fill = first_stop(by_id[fill.removeprefix("url(#").removesuffix(")")])
    if fill != "none" and path and alpha:
        yield f"{long_hex(fill)}{alpha:02x} {path}"


def first_stop(gradient: ET.Element) -> str:
    """A gradient's first colour: the motifs are flat."""
    return next((stop.get("stop-color", "#000000") for stop in gradient), "#000000")


def long_hex(colour: str) -> str:
    """ "#abc" and "#aabbcc" as "aabbcc"."""
    digits = colour.removeprefix("#")
    short = 3
    return "".join(digit * 2 for digit in digits) if len(digits) == short else digits


def as_path(element: ET.Element) -> str:
    """Path data of a path, circle, ellipse or plain rectangle; "" for anything else."""
    if element.tag == "path":
        return element.get("d", "")
    if element.tag in {"circle", "ellipse"}:
        return ellipse_path(element)
    if element.tag == "rect":
        x, y, width, height = (float(element.get(key, "0")) for key in ("x", "y", "width", "height"))
        return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z"
    return ""


def ellipse_path(element: ET.Element) -> str:
    """Two arcs; a rotation is only ever about the ellipse's own centre in these icons."""
    cx, cy = float(element.get("cx", "0")), float(element.get("cy", "0"))
    rx, ry = (float(element.get(key, element.get("r", "0"))) for key in ("rx", "ry"))
    turned = re.match(r"rotate\(([-.\d]+)", element.get("transform", ""))
    degrees = float(turned.group(1)) if turned else 0.0
    radians = math.radians(degrees)
    # Rounded, so that every platform's libm writes the same file.
    dx, dy = round(rx * math.cos(radians), 4), round(rx * math.sin(radians), 4)
    arc = f"A{rx:g} {ry:g} {degrees:g} 1 1 "
    return f"M{cx - dx:g} {cy - dy:g}{arc}{cx + dx:g} {cy + dy:g}{arc}{cx - dx:g} {cy - dy:g}z"


def write_archive(path: Path, motifs: dict[str, str], names: dict[str, dict[str, str]]) -> None:
    """One deflated member per motif, read alone at 0.1 ms, and the names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        members = {"names.json": json.dumps(names, ensure_ascii=False, separators=(",", ":"))} | motifs
        for name, text in members.items():
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text.encode())


def package_version(package: Path) -> str:
    """ "name version" of an npm package."""
    facts = read_json(package / "package.json")
    return f"{facts['name']} {facts['version']}"


def read_json(path: Path) -> Any:
    """A package's JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
