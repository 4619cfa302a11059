"""Which word names which motif, and what kind of thing a motif is."""

from functools import cache

from imagewright.sandbox.painter import motifs
from imagewright.sandbox.painter.words.lists import table, word_set

_SYNONYMS_TEXT = """
fox foxes vixen=fox; kitten kitty tabby=cat; puppy hound labrador corgi beagle husky golden+retriever dachshund pug
dalmatian=dog;
bunny hare=rabbit; squirrel=chipmunk; pony stallion mare foal=horse; bull=ox; calf=cow; lamb sheep=ewe; piglet=pig;
chick=baby-chick; hen=chicken;
bee bees bumblebee=honeybee; ladybug ladybird=lady-beetle; songbird robin sparrow hummingbird=bird; raven
crow=blackbird; falcon hawk=eagle;
seagull gull pigeon=dove; orca humpback=whale; goldfish clownfish=tropical-fish; lobsters=lobster; dinosaur=sauropod;
trex tyrannosaurus=t-rex;
gorilla ape=gorilla; chimpanzee=monkey; lioness=lion; cub=bear; teddy=teddy-bear; panther=black-cat;
buffalo=water-buffalo; moth=butterfly;
grizzly bear bears=bear; tortoise=turtle; alligator=crocodile; tadpole=frog; mice=mouse; geese=goose; wolves=wolf;
octopuses=octopus; shell seashell=spiral-shell;
flower flowers bouquet roses+bouquet=bouquet; daisy daisies=blossom; poppy poppies tulips=tulip; fern=herb; ivy=herb;
maple=maple-leaf; leaf leaves=herb;
tree oak elm willow birch maple+tree apple+tree=deciduous-tree; pine fir spruce pine+tree=evergreen-tree; palm palms
palm+trees=palm-tree; bonsai=potted-plant;
houseplant plant plants fern+pot succulent=potted-plant; cactus cacti=cactus; sprout sapling=seedling;
clover=shamrock; lotus+flower water+lily=lotus;
coffee espresso latte cappuccino mug coffee+cup cup+of+coffee cup cup+of+tea tea teacup=hot-beverage;
matcha=teacup-without-handle;
beer=beer-mug; wine=wine-glass; cocktail martini=cocktail-glass; juice lemonade smoothie=cup-with-straw;
mojito=tropical-drink; champagne=bottle-with-popping-cork;
milk=glass-of-milk; cake birthday+cake=birthday-cake; cheesecake slice+of+cake=shortcake; donut donuts=doughnut;
noodles ramen pho udon bowl+of+ramen=steaming-bowl; pasta=spaghetti;
burger cheeseburger=hamburger; fries=french-fries; soup stew=pot-of-food; salad=green-salad; sandwich=sandwich; apple
apples=red-apple; orange+fruit oranges an+orange orange+slices=tangerine;
berries=blueberries; icecream gelato=soft-ice-cream; cheese=cheese-wedge; corn=ear-of-corn; loaf sourdough=bread;
baguette=baguette-bread; chocolate+bar=chocolate-bar;
avocados=avocado; pepper peppers=bell-pepper; chili chilli=hot-pepper; egg=egg; honey=honey-pot; popcorn=popcorn;
steak=cut-of-meat; rice=cooked-rice; kiwi=kiwi-fruit; croissants=croissant;
car cars sedan hatchback=automobile; sports+car race+car racecar formula+1=racing-car; suv jeep=sport-utility-vehicle;
truck lorry=delivery-truck; pickup=pickup-truck; van camper+van=minibus;
motorbike=motorcycle; vespa scooter=motor-scooter; bike bikes cyclist+bike road+bike=bicycle; steam+train
steam+locomotive=locomotive; bullet+train=high-speed-train; subway=metro; tram=tram-car;
plane aeroplane jet airliner aircraft=airplane; biplane=small-airplane; chopper=helicopter; spaceship starship
ufo=flying-saucer; space+shuttle spacecraft=rocket; hot+air+balloon hot+air+balloons=hot-air-balloon;
boat boats yacht sailing+boat ship+sail=sailboat; cruise+ship ocean+liner=passenger-ship; kayak rowboat=canoe;
fishing+boat tugboat=motor-boat; freighter cargo+ship container+ship=ship;
home cabin cottage farmhouse hut+house=house; lighthouse=lighthouse; windmill=windmill; barn=hut;
temple=shinto-shrine; pagoda=japanese-castle; tower=tokyo-tower; eiffel+tower=tokyo-tower;
skyscraper=office-building; cathedral chapel=church; fort fortress palace=castle; campsite=tent; volcano=volcano; fuji
mount+fuji=mount-fuji;
computer pc monitor desktop=desktop-computer; macbook notebook+computer=laptop; phone smartphone iphone
cellphone=mobile-phone; tv=television; headphones earphones=headphone; camera dslr+camera=camera;
microphone podcast=studio-microphone; controller gamepad gaming=video-game; book=closed-book; novel=closed-book;
lightbulb bulb idea ideas brainstorm=light-bulb; lamp=light-bulb; lantern lanterns=red-paper-lantern;
clock=mantelpiece-clock; hourglass deadline=hourglass-not-done; wristwatch=watch; diamond jewel gemstone
crystal=gem-stone; treasure=gem-stone; gift present gifts presents=wrapped-gift; candle candles=candle;
heart hearts=red-heart; love=red-heart; growth revenue profit profits=chart-increasing; chart graph charts statistics
analytics=bar-chart; security cybersecurity protection privacy=shield; lock=locked;
goal goals target=bullseye; success winner award victory=trophy; money savings finance=money-bag; coin coins=coin;
teamwork collaboration partnership deal=handshake; team=handshake;
ai artificial+intelligence robots android droid=robot; message chat conversation=speech-balloon; email
newsletter=envelope; education graduation=graduation-cap; travel luggage suitcase vacation=luggage;
music melody=musical-notes; concert=guitar; piano=musical-keyboard; football soccer=soccer-ball;
announcement=megaphone; marketing=megaphone; shopping=shopping-bags; sale=shopping-bags;
celebration celebrating celebrate party=party-popper;
health medicine medical=stethoscope; science chemistry=alembic; lab laboratory=microscope; engineering settings
gears=gear; puzzle solution=puzzle-piece; sustainability ecology=seedling; recycling=recycling-symbol;
energy electricity=high-voltage; movie film cinema=clapper-board; theatre theater=performing-arts; newspaper
news=newspaper; law justice=balance-scale; painting paintings=framed-picture; easel=artist-palette;
crown=crown; queen king=crown; sword swords=crossed-swords; wizard=man-mage; witch sorceress=woman-mage;
sorcerer=person-mage; knight=shield; fairy=woman-fairy; mermaid=woman-merpeople; elf=person-elf; superhero
hero=person-superhero;
vampire=man-vampire; ninja samurai=ninja; surfer=person-surfing; runner jogger marathon=person-running; hiker walker
pedestrian=person-walking; climber=person-climbing; swimmer=person-swimming; skier=skier;
dancer ballerina=woman-dancing; yoga meditation=person-in-lotus-position; cyclist=person-biking;
weightlifter=person-lifting-weights; snowman=snowman; spaceman cosmonaut astronauts=astronaut;
pumpkin jack+o+lantern=jack-o-lantern; christmas+tree=christmas-tree; santa=santa-claus; earth globe
world=globe-showing-europe-africa; saturn planet planets=ringed-planet; meteor asteroid=comet;
shooting+star=shooting-star;
pottery vase jug=amphora; chair armchair=chair; sofa couch=couch-and-lamp; perfume lotion bottle skincare
shampoo=lotion-bottle; sneaker sneakers shoe shoes trainers=running-shoe; hat=top-hat; fedora=top-hat; cap=billed-cap;
boots=hiking-boot;
shades=sunglasses; spectacles=glasses; scarf=scarf; tie=necktie; purse handbag=handbag; shirt tee tshirt=t-shirt;
suitcase=luggage; umbrella parasol=umbrella; drum drums=drum; ball=soccer-ball; kites=kite; dragon dragons=dragon;
monster=ogre; skeleton=skull; dice=game-die; chess=chess-pawn; rainbow+umbrella=umbrella; anchor=anchor;
map=world-map; waterfall=water-wave; fire campfire bonfire=fire; rose roses=rose; sunflower sunflowers=sunflower;
magnifying+glass=magnifying-glass-tilted-left;
toast=bread; basket=basket; package parcel box=package; crate=package; bench=chair; flame=fire; bathtub=bathtub;
teddy+bear=teddy-bear; carousel=carousel-horse; satellite=satellite; telescope=telescope; peanut=peanuts
"""
# Names that a prompt nearly always means otherwise ("watch", "fly", "light"), or that the scenes paint themselves.
_SKIPPED = word_set(
    """
    aurora bank bat beach_with_umbrella beam blue_book bone bow brick bridge_at_night bug button camping case chains
    check_mark_button cherry_blossom cityscape clamp cloud coat collision construction cooking coral couple
    crescent_moon custard cyclone date desert desert_island door droplet drum_kit eye eyes fall fallen_leaf fan
    fire_engine_red fireworks fish_cake fly fog foggy full_moon glass green_book home_page hook hospital hot_springs
    hotel hut ice iron jam key knot label ladder landscape level_slider light lights lime link map mate memo men
    milky_way mirror moon moon_viewing_ceremony motorway mountain nail national_park new_moon night_with_stars olive
    orange_book park patch peach pen people person pick pie_chart pin placard plate post post_office radio_wave
    rainbow ram rays ring_road rock salt sari school scroll seat shower snow snowflake sparkles sponge spring
    stadium star station steam sun sunrise sunset ticket tooth tornado track volleyball_court watch_over water
    water_wave wave waves wheel wind_face window wing women wood world_view x_ray
    """
)
# A thing's word before one of these only describes it: "coffee shop", "fox logo" keeps the fox.
_MODIFYING = word_set(
    """
    bean beans colored coloured cover factory farm field fields house juice light lit market park pot print rack
    seed seeds shaped shop shops stand station store table themed tracks trail yard
    """
)
# Words whose motif stands for an idea: shown only where a prompt names nothing that can be seen.
CONCEPTS = word_set(
    """
    growth revenue profit profits security cybersecurity protection privacy goal goals target success winner award
    victory finance savings teamwork collaboration partnership deal team ai message chat conversation email newsletter
    education travel vacation music melody marketing announcement shopping sale celebration celebrating celebrate party
    health medicine medical science engineering settings solution sustainability ecology energy electricity cinema news
    law justice love idea ideas brainstorm deadline statistics analytics gaming concert theatre theater
    """
)
_FOREIGN_MINIMUM = 4


def motif_for(words: tuple[str, ...], following: str, language: str) -> str | None:
    """The motif that one to three words name, if any."""
    phrase = " ".join(words)
    if phrase.replace(" ", "_") in _SKIPPED or (len(words) == 1 and following in _MODIFYING):
        return None
    hit = synonyms().get(phrase)
    if hit is not None:
        return hit
    hit = motifs.names("en").get(phrase)
    if hit is None and language != "en" and len(phrase) >= _FOREIGN_MINIMUM:
        hit = motifs.names(language).get(phrase)
    return hit


@cache
def synonyms() -> dict[str, str]:
    """Words beside the library's own names, each with its motif."""
    return table(_SYNONYMS_TEXT)
