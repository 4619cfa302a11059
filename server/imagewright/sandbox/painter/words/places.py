"""Words for places, times of day, weather, styles and kinds of picture."""

from collections.abc import Iterable


def _index(text: str) -> dict[str, str]:
    """ "name: phrase, phrase; ..." as each phrase to its name."""
    entries = (entry.partition(":") for entry in text.split(";"))
    return {
        " ".join(phrase.split()): name.strip()
        for name, _, phrases in entries
        for phrase in phrases.split(",")
        if phrase.strip()
    }


FORMATS = _index(
    """
    logo: logo, logotype, emblem, brandmark, app icon, icon, monogram, badge, favicon, sticker;
    pattern: pattern, seamless, wallpaper pattern, tile, tileable, textile, wrapping paper;
    abstract: abstract, gradient, backdrop, background, texture, wallpaper, geometric, bokeh, minimal shapes, slide,
    banner;
    portrait: portrait, headshot, face, selfie, avatar;
    studio: product shot, product photo, studio, isolated, packshot, podium, product;
    table: still life, tabletop, table, flat lay, wooden table, breakfast, dinner, lunch, picnic, plate;
    """
)
PLACES = _index(
    """
    space: space, outer space, galaxy, nebula, cosmos, cosmic, orbit, universe, interstellar;
    moon: lunar, moon surface, on the moon, on mars, mars;
    underwater: underwater, reef, coral reef, undersea, aquarium, seabed, deep sea, under the sea;
    office: office, workspace, desk, coworking, boardroom, meeting room, workstation, home office, meeting, startup;
    living: living room, lounge, bedroom, room, apartment, sofa, couch, interior, cabin, fireplace, hotel room, home;
    library: library, bookshop, bookstore, bookshelf, study, classroom, bookshelves;
    cafe: cafe, coffee shop, restaurant, bakery, bar, diner, kitchen, coffeehouse;
    gallery: museum, gallery, exhibition, hall, stage;
    forest: forest, woods, woodland, jungle, pines, trees, grove, rainforest, taiga, wood;
    mountain: mountain, mountains, alps, alpine, peak, peaks, valley, cliff, canyon, fjord, himalaya, summit, ridge,
    highlands;
    lake: lake, pond, river, reflection, stream, lagoon;
    beach: beach, shore, coast, seaside, tropical island, seashore, coastline, island, bay;
    sea: sea, ocean, waves, harbor, harbour, surf, sailing, horizon, marina;
    city: city, skyline, downtown, skyscraper, skyscrapers, urban, tokyo, new york, manhattan, london, metropolis,
    cityscape, cyberpunk, hong kong, shanghai, chicago, futuristic city, berlin, paris, rome, megacity;
    street: street, road, highway, alley, avenue, crosswalk, rooftop, sidewalk, market, track;
    village: village, town, cottage, cottages, houses;
    desert: desert, dunes, dune, sahara, oasis, savanna, savannah, safari, pyramids;
    field: field, meadow, prairie, grass, lawn, farm, countryside, park, garden, hill, hills, landscape, vineyard,
    orchard, fields, wheat, pasture, nature, outdoors, rolling hills, backyard, playground;
    snowfield: arctic, antarctica, ice, iceberg, glacier, north pole, tundra, snowfield;
    sky: sky, clouds, skies, in the air, above the clouds, heaven;
    """
)
TIMES = _index(
    """
    dawn: dawn, sunrise, daybreak, first light, early morning;
    day: noon, midday, daylight, day, sunny, morning, afternoon, summer, bright day, blue sky;
    sunset: sunset, golden hour, setting sun, golden light;
    dusk: dusk, twilight, evening, blue hour;
    night: night, midnight, nighttime, starry, stars, moonlit, moonlight, full moon, moon, aurora, northern lights,
    fireworks, fireflies, starlight;
    """
)
WEATHERS = _index(
    """
    snow: snow, snowy, winter, icy, frozen, blizzard, snowfall, christmas, frost, arctic, antarctica, ice, glacier,
    iceberg, tundra;
    rain: rain, rainy, raining, drizzle, downpour;
    storm: storm, stormy, thunderstorm, lightning, tempest;
    fog: fog, foggy, mist, misty, haze, hazy;
    autumn: autumn, autumnal, fall leaves, october, november, thanksgiving, halloween;
    blossom: spring, blossom, blossoms, cherry blossom, sakura, april;
    rainbow: rainbow;
    aurora: aurora, northern lights;
    fireworks: fireworks;
    """
)
STYLES = _index(
    """
    watercolour: watercolor, watercolour, aquarelle, gouache, wash painting;
    oil: oil, oil painting, impressionist, impressionism, acrylic, painterly, van gogh, monet;
    pixel: pixel, pixel art, 8 bit, 16 bit, 8bit, retro game;
    sketch: sketch, pencil, line art, pencil drawing, ink drawing, charcoal drawing, line drawing, drawing, etching;
    neon: neon, cyberpunk, synthwave, vaporwave, blade runner, glowing;
    solid: 3d, 3d render, render, clay, isometric, claymation, plasticine, figurine;
    photo: photo, photograph, photography, photorealistic, realistic, dslr, cinematic, product shot, 35mm, bokeh, film
    still, macro, headshot, professional photo, natural lighting, hyperrealistic;
    flat: flat, vector, illustration, minimal, minimalist, cartoon, poster, comic, anime;
    """
)


def places_of(table: dict[str, str], words: tuple[str, ...]) -> frozenset[int]:
    """Which words belong to phrases of a table."""
    return frozenset(
        at
        for length in (3, 2, 1)
        for start in range(len(words) - length + 1)
        if " ".join(words[start : start + length]) in table
        for at in range(start, start + length)
    )


def found(table: dict[str, str], words: tuple[str, ...], *, skip: Iterable[int] = ()) -> dict[str, int]:
    """The entries of a table that the words name, each with the place of its first word; longer phrases first."""
    hits: dict[str, int] = {}
    taken = set(skip)
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            if taken.intersection(range(start, start + length)):
                continue
            name = table.get(" ".join(words[start : start + length]))
            if name is not None:
                hits[name] = min(start, hits.get(name, start))
                taken.update(range(start, start + length))
    return hits
