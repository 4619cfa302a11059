"""What kind of thing a motif shows: where it belongs and how tall it stands."""

from functools import cache

from imagewright.sandbox.painter.words.lists import table, word_set

# Kind: the place a thing is shown in when the prompt names none, its usual height in metres, and its motifs.
_KINDS_TEXT = """
forest 1.0: fox owl bear wolf deer raccoon badger hedgehog chipmunk skunk boar moose otter beaver brown-mushroom
mushroom;
living 0.5: cat black-cat dog dog-face cat-face poodle hamster guide-dog service-dog;
field 1.1: horse cow ox goat ewe ram pig chicken rooster donkey llama rabbit turkey baby-chick hatching-chick
tractor sunflower tulip goose hyacinth blossom rose house hut house-with-garden houses derelict-house kite snail
lady-beetle honeybee butterfly bug beetle ant caterpillar deciduous-tree person-biking man-biking woman-biking tent
picnic unicorn bison panda koala kangaroo water-buffalo horse-racing fountain ferris-wheel circus-tent
roller-coaster soccer-ball playground-slide church castle wedding windmill;
desert 1.6: elephant giraffe zebra lion leopard tiger rhinoceros hippopotamus camel two-hump-camel cactus scorpion
lizard snake mammoth;
forest 1.0: monkey gorilla orangutan parrot frog sloth sauropod t-rex dodo peacock crocodile;
snowfield 0.9: penguin polar-bear seal snowman snowman-without-snow skier snowboarder sled christmas-tree;
sky 0.5: bird eagle dove blackbird phoenix-bird airplane small-airplane helicopter hot-air-balloon balloon
parachute kite bat dragon aerial-tramway;
lake 0.7: duck swan flamingo goose lotus canoe person-rowing-boat man-rowing-boat woman-rowing-boat fishing-pole;
sea 4.0: sailboat ship passenger-ship ferry motor-boat speedboat person-surfing man-surfing woman-surfing lighthouse
water-wave;
beach 2.0: palm-tree beach-with-umbrella umbrella-on-ground crab spiral-shell desert-island surfboard volleyball
turtle;
underwater 0.6: fish tropical-fish blowfish shark whale spouting-whale dolphin octopus squid jellyfish lobster
shrimp coral oyster;
street 1.6: automobile taxi bus minibus trolleybus racing-car sport-utility-vehicle delivery-truck articulated-lorry
pickup-truck motorcycle motor-scooter bicycle police-car ambulance fire-engine kick-scooter skateboard tram-car
auto-rickshaw oncoming-taxi oncoming-automobile roller-skate;
field 3.0: locomotive train high-speed-train bullet-train railway-car monorail light-rail tram;
space 1.0: astronaut flying-saucer alien alien-monster satellite ringed-planet comet shooting-star rocket milky-way
globe-showing-europe-africa;
mountain 3.0: rocket dragon-face shinto-shrine japanese-castle mount-fuji volcano mountain-cableway;
table 0.15: hot-beverage teacup-without-handle beer-mug wine-glass cocktail-glass cup-with-straw tropical-drink
glass-of-milk tumbler-glass birthday-cake shortcake cupcake doughnut cookie steaming-bowl spaghetti hamburger
french-fries pizza hot-dog taco burrito pot-of-food green-salad sandwich red-apple green-apple tangerine lemon
banana grapes strawberry cherries peach pear pineapple mango melon watermelon kiwi-fruit blueberries avocado
soft-ice-cream ice-cream shaved-ice cheese-wedge bread baguette-bread croissant pretzel bagel pancakes waffle pie
honey-pot egg cooking sushi dango rice-ball cooked-rice curry-rice dumpling fried-shrimp bento-box fondue popcorn
candy lollipop chocolate-bar custard teapot bubble-tea mate sake clinking-glasses clinking-beer-mugs
bottle-with-popping-cork candle amphora jar fork-and-knife-with-plate tomato carrot eggplant broccoli corn
ear-of-corn potato onion garlic mushroom bell-pepper hot-pepper cucumber leafy-green peanuts chestnut
shallow-pan-of-food bowl-with-spoon bouquet moon-cake falafel flatbread stuffed-flatbread meat-on-bone poultry-leg
cut-of-meat bacon canned-food butter oden takeout-box fortune-cookie;
office 0.4: desktop-computer laptop keyboard computer-mouse printer clipboard notebook file-cabinet briefcase
calendar spiral-calendar;
library 0.3: books closed-book open-book blue-book green-book orange-book globe-showing-americas scroll;
living 1.0: couch-and-lamp bed chair teddy-bear television potted-plant yarn bathtub mantelpiece-clock
person-in-bed;
field 1.7: person-walking man-walking woman-walking person-running man-running woman-running people-hugging
person-in-lotus-position;
gallery 1.2: guitar violin drum saxophone trumpet musical-keyboard accordion banjo microphone studio-microphone
framed-picture long-drum;
"""
_HEIGHTS_TEXT = """
strawberry=0.11;
cherries lemon=0.12;
ant grapes banana=0.15;
lady-beetle honeybee=0.18;
snail=0.2;
wine-glass=0.22;
mouse rat hamster baby-chick=0.25;
butterfly=0.3;
bottle-with-popping-cork=0.32;
hedgehog soccer-ball=0.35;
rabbit cat=0.45;
chicken teddy-bear desktop-computer=0.5;
lotus=0.6;
dog=0.7;
balloon=0.8;
tulip rose=0.9;
kite=1.0;
bicycle couch-and-lamp=1.2;
dolphin=1.4;
hippopotamus cow bear deer=1.5;
polar-bear snowman sunflower=1.6;
rhinoceros horse robot=1.7;
shark astronaut cactus=1.8;
moose tent=2.0;
christmas-tree=2.6;
elephant whale spouting-whale bus=3.0;
mammoth locomotive=3.2;
hut airplane dragon t-rex=3.5;
giraffe=4.4;
sauropod=4.5;
house deciduous-tree palm-tree evergreen-tree hot-air-balloon rocket shinto-shrine sailboat=5.0;
church circus-tent=7.0;
lighthouse ship passenger-ship=8.0;
castle volcano mount-fuji japanese-castle=9.0;
ferris-wheel=12.0
"""
FLIERS = word_set(
    """
    aerial-tramway airplane balloon bat bird blackbird butterfly comet dove dragon eagle flying-saucer helicopter
    honeybee hot-air-balloon jack-o-kite kite man-fairy owl parachute parrot person-fairy person-superhero
    phoenix-bird ringed-planet rocket satellite shooting-star small-airplane woman-fairy
    """
)
SWIMMERS = word_set(
    """
    blowfish dolphin fish jellyfish octopus person-merpeople person-swimming seal shark shrimp spouting-whale squid
    tropical-fish turtle whale woman-merpeople
    """
)
FLOATERS = word_set(
    """
    canoe dolphin duck ferry lotus man-rowing-boat man-surfing motor-boat passenger-ship person-rowing-boat
    person-surfing person-swimming ring-buoy sailboat shark ship speedboat spouting-whale swan whale
    woman-rowing-boat woman-surfing
    """
)
STEAMING = word_set(
    """
    curry-rice hot-beverage pot-of-food steaming-bowl teacup-without-handle teapot
    """
)
_USUAL_METRES = 0.5


@cache
def _index() -> dict[str, tuple[str, float]]:
    index: dict[str, tuple[str, float]] = {}
    for line in _KINDS_TEXT.split(";"):
        kind, _, names = line.partition(":")
        for name in names.split():
            place, height = kind.split()
            index.setdefault(name, (place, float(height)))
    return index


@cache
def _heights() -> dict[str, float]:
    return {name: float(height) for name, height in table(_HEIGHTS_TEXT).items()}


def usual_place(name: str) -> str:
    """Where a thing is shown when nothing is said: "studio" for what has no place of its own."""
    return _index().get(name, ("studio", 0.0))[0]


def metres(name: str) -> float:
    """How tall a thing stands, roughly."""
    height = _heights().get(name)
    if height is not None:
        return height
    if name.startswith(("person-", "man-", "woman-")):
        return 1.7
    return _index().get(name, ("", _USUAL_METRES))[1]


def is_food(name: str) -> bool:
    """Whether a thing is eaten or drunk."""
    return usual_place(name) == "table"
