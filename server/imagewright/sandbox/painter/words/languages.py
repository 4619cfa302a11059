"""Small dictionaries: words for colours, places, times and relations in German, French and Spanish."""

from imagewright.sandbox.painter.words.lists import table, word_set

FUNCTION_WORDS = {
    "de": word_set(
        """
    der die das ein eine einen einem einer im am auf und mit über unter vor für von zum zur ist bei ins
    """
    ),
    "fr": word_set(
        """
    le la les un une des du au aux dans sur sous avec et au-dessus devant pour est d l
    """
    ),
    "es": word_set(
        """
    el la los las un una unos unas del al en sobre bajo con y para es por
    """
    ),
}


_DE = """
rot rote roter rotes roten=red; blau blaue blauer blaues blauen=blue; grün grüne grüner grünes grünen=green;
gelb gelbe gelber gelbes gelben=yellow; schwarz schwarze schwarzer schwarzes schwarzen=black;
weiß weiße weißer weißes weißen weiss=white; lila violett=purple; rosa=pink; grau graue grauer=grey; braun braune
brauner=brown;
golden goldene goldener goldenes=gold; türkis=turquoise; orangefarbene=orange; dunkel dunkle dunkler dunkles=dark;
hell helle heller helles=light; dunkelblau dunkelblauer=navy; hellblau hellblauer=sky blue;
berg berge bergen gebirge alpen=mountains; wald walde wäldern=forest; meer ozean=sea; strand=beach; see=lake;
fluss=river; stadt=city;
wüste=desert; wiese feld=meadow; garten=garden; himmel=sky; weltall weltraum=space; insel=island; straße=street;
zimmer wohnzimmer=living room; büro=office; küche=kitchen; schreibtisch=desk; tisch=table; bibliothek=library;
dorf=village;
nacht nachts=night; morgen=morning; abend=evening; sonnenuntergang=sunset; sonnenaufgang=sunrise; dämmerung
morgendämmerung=dawn;
winter winterlich=winter; verschneit verschneite verschneiten verschneiter schnee=snowy; regen regnerisch=rain; nebel
neblig=fog;
herbst=autumn; frühling=spring; sommer=summer; sterne=stars; mond=moon; sonne=sun;
aquarell=watercolour; ölgemälde=oil painting; foto fotografie=photo; zeichnung skizze=sketch; hintergrund=background;
muster=pattern; abstrakt abstrakte abstrakter=abstract; minimalistisch minimalistisches minimalistische=minimalist;
zwei=two; drei=three; vier=four; fünf=five; über=over; unter=under; auf=on; mit=with; und=and; im in=in; neben=beside;
hinter=behind; vor=before;
kaffee=coffee; tasse=cup; frau=woman; mann=man; mädchen=girl; junge=boy; kind=child; porträt portrait=portrait;
baum=tree; bäume=trees; blumen=flowers;
hund hunde=dog; katze katzen=cat; füchse fuchs=fox; vogel vögel=bird; pferd pferde=horse; haus=house; schiff=ship;
boot=boat; fahrrad=bicycle; buch bücher=book;
schloss burg=castle; leuchtturm=lighthouse; wal=whale; eule=owl; rakete=rocket; roboter=robot; eichhörnchen=squirrel;
kuchen=cake
"""
_FR = """
rouge rouges=red; bleu bleue bleus bleues=blue; vert verte verts vertes=green; jaune jaunes=yellow; noir noire
noirs=black;
blanc blanche blancs blanches=white; violet violette=purple; rose=pink; gris grise=grey; brun marron=brown; doré
dorée=gold;
turquoise=turquoise; foncé=dark; clair=light; montagne montagnes=mountains; forêt bois=forest; mer océan=sea;
plage=beach; lac=lake;
rivière fleuve=river; ville=city; désert=desert; champ prairie=meadow; jardin=garden; ciel=sky; espace=space;
île=island; rue=street;
salon=living room; bureau=office; cuisine=kitchen; table=table; bibliothèque=library; village=village; nuit=night;
matin=morning; soir=evening;
coucher=sunset; lever=sunrise; aube=dawn; crépuscule=dusk; hiver=winter; neige enneigé enneigée=snowy; pluie=rain;
brume brouillard=fog;
automne=autumn; printemps=spring; été=summer; étoiles étoilée étoilé=stars; lune=moon; soleil=sun;
aquarelle=watercolour; huile=oil painting;
photo photographie=photo; dessin croquis=sketch; fond arrière-plan=background; motif=pattern; abstrait
abstraite=abstract;
deux=two; trois=three; quatre=four; cinq=five; sur=on; sous=under; dans=in; avec=with; et=and; derrière=behind;
devant=before; café=coffee; tasse=cup;
femme=woman; homme=man; fille=girl; garçon=boy; enfant=child; portrait=portrait; arbre=tree; arbres=trees;
fleurs=flowers; chien chiens=dog;
chat chats=cat; renard=fox; oiseau oiseaux=bird; cheval chevaux=horse; maison=house; bateau=boat; voilier=sailboat;
vélo=bicycle; livre livres=book;
château=castle; phare=lighthouse; baleine=whale; hibou chouette=owl; fusée=rocket; gâteau=cake; au-dessus=over
"""
_ES = """
rojo roja rojos rojas=red; azul azules=blue; verde verdes=green; amarillo amarilla=yellow; negro negra=black; blanco
blanca=white;
morado morada violeta=purple; rosa=pink; gris=grey; marrón=brown; dorado dorada=gold; turquesa=turquoise; oscuro
oscura=dark; claro=light;
montaña montañas=mountains; bosque=forest; mar océano=sea; playa=beach; lago=lake; río=river; ciudad=city;
desierto=desert; campo prado=meadow;
jardín=garden; cielo=sky; espacio=space; isla=island; calle=street; sala=living room; oficina=office; cocina=kitchen;
mesa=table;
biblioteca=library; pueblo=village; noche=night; mañana=morning; tarde=evening; atardecer=sunset; amanecer=dawn;
invierno=winter;
nieve nevado nevada=snowy; lluvia=rain; niebla=fog; otoño=autumn; primavera=spring; verano=summer; estrellas=stars;
luna=moon; sol=sun;
acuarela=watercolour; óleo=oil painting; foto fotografía=photo; dibujo boceto=sketch; fondo=background;
patrón=pattern; abstracto abstracta=abstract;
dos=two; tres=three; cuatro=four; cinco=five; sobre=over; bajo=under; en=in; con=with; y=and; detrás=behind;
café=coffee; taza=cup; mujer=woman;
hombre=man; niña=girl; niño=boy; retrato=portrait; árbol=tree; árboles=trees; flores=flowers; perro perros=dog; gato
gatos=cat; zorro=fox;
pájaro pájaros=bird; caballo caballos=horse; casa=house; barco=boat; velero=sailboat; bicicleta=bicycle; libro
libros=book; castillo=castle;
faro=lighthouse; ballena=whale; búho=owl; cohete=rocket; pastel=cake
"""
ENGLISH = {"de": table(_DE), "fr": table(_FR), "es": table(_ES), "en": dict[str, str]()}
