"""Words that give a name's type away: its own last or first word, and its neighbours."""

import re

_SITES = (
    "Square|Palace|Street|Avenue|Road|Airport|Stadium|Arena|Bridge|Tower|Towers|Park|Station|"
    "Port|Harbou?r|"
    "Castle|Plaza|Boulevard|Islands?|River|Lake|Mount|Mountains?|Bay|Valley|Beach|Canal|Gate|Hall|"
    "County|Parish|District|Province|Prefecture|Peninsula|Desert|Ocean|Sea|Strait|Gulf|Creek|Brook|Pond|"
    "Reservoir|Dam|Hills?|Heights|Cave|Forest|Woods|Dock|Docks|Pier|Corner|Junction|Siding|"
    "Speedway|Raceway|"
    "Circuit|Playfield|Gym|Field|Pavilion|Mall|Building|House|Cathedral|Abbey|Temple|Cemetery|Lane|"
    "Highway|Motorway|Trail|Village|Township|City|Territory|Estate|Formation|Falls|Springs|Mill|"
    "Mills|"
    "Place|Winkel|Line|Base|Camp|Fort|Point|Cove|Glacier|Basin|Coast|Zoo|Gardens?|Pass|Ridge|Plateau|Archipelago|Crossing|Prison|Refinery"
)
_BODIES = (
    "University|Institute|Hospital|Ministry|Committee|Commission|Council|Party|Bank|Club|"
    "Association|Federation|Union|Agency|Authority|Court|College|School|Foundation|Group|Inc|Ltd|"
    "Corp|Corporation|Company|Co|LLC|GmbH|plc|PLC|FC|A\\.?F\\.?C\\.?|HC|Orchestra|Philharmonic|"
    "Theatre|Police|"
    "Army|Navy|Society|League|Laborator(?:y|ies)|Trust|Records|Railway|Railroad|Airlines|"
    "Airways|Motors|Industries|Studios|Pictures|Entertainment|Systems|Technologies|Holdings|"
    "Partners|"
    "Bureau|Department|Office|Parliament|Senate|Assembly|Congress|Government|Administration|Board|"
    "Division|Squadron|Regiment|Brigade|Battalion|Wing|Fleet|Command|Corps|Force|Guard|Museum|"
    "Library|Church|"
    "Academy|Conference|Organi[sz]ation|Alliance|Coalition|Network|Radio|TV|Television|Times|Post|"
    "News|Herald|Tribune|Gazette|Magazine|Press|Bros|Brothers|Band|Quartet|Ensemble|Choir|United|"
    "Rovers|"
    "Wanderers|Athletic|Boys|High|Works|Trains|Stores?|Centre|Center|Fund|Program(?:me)?|"
    "Movement|Front|Service|Services|Survey|Fire Brigade|ASA|AG|SA|SE|NV|AB|Oyj?|SpA|BV|Pty|"
    "Pharma|Pharmaceuticals|Foods|Cement|Steel|Energy|Cars|Lines|Securities|Insurance|Logistics|"
    "Shipping|Dairy|Airport Authority|Tribe|Constabulary|Semiconductors?|Biotech|Telecom"
)
EVENTS = (
    "Cup|Championships?|Grand Prix|Olympics|Games|Awards?|Prizes?|Festival|Tour|Tournament|"
    "Classic|Open|"
    "Masters|Series|War|Battle|Revolution|Uprising|Crisis|Conference \\d{4}|Trophy|Challenge|"
    "Contest|Marathon|"
    "Expo|Biennale|Carnival|Day|Week|Summit|Treaty|Agreement|Accords?|Laws?|Act|Bowl|Derby|Rally|"
    "Election"
)
SITES_END = re.compile(rf"\s(?:{_SITES})$")
SITES_START = re.compile(
    r"^(?:Lake|Mount|Mt\.?|Port|Fort|Cape|River|Isle of|Gulf of|Bay of|Strait of|Sea of|Camp|Rue|"
    r"Via|"
    r"Piazza|Plaza|San|Santa|Saint-[A-Z]\w+|Circuit|Rio|Rí?o|Loch|Puerto|Castel|Villa|Avenida|"
    r"Province of|"
    r"Republic of|Kingdom of|State of|City of|County|North|South|East|West|Northern|Southern|"
    r"Eastern|Western|Upper|Lower|"
    r"Central|New)\s+[A-Z]"
)
BODIES_END = re.compile(rf"\s(?:{_BODIES})\.?$")
BODIES_START = re.compile(
    r"^(?:(?:\w+\s)?(?:University|Institute|Bank|Ministry|Department|House|Museum|School|College|"
    r"Church|"
    r"Society|League|Association|Federation|Office|Board|Court|Council|Committee|Order|Academy|"
    r"Bureau|Friends|Party|Republic|Union|Institution|Organi[sz]ation|Company|Alliance|Front|"
    r"Army|Station)\s(?:of|for)\s|"
    r"Radio\s|FC\s|AC\s|AS\s|Real\s|Club\s|Université|Universidad|Universität|Banco\s|Banque\s|"
    r"Radio\s)"
)
EVENTS_END = re.compile(rf"\s(?:{EVENTS})$|^(?:Battle|War|Treaty|Siege|Feast|Campaign) of\s")
STORM = re.compile(r"(?<!\w)(?:(?:Tropical\s)?Storm|Hurricane|Cyclone|Typhoon)\s[A-Z]\w+")
KIND_ALONE = re.compile(rf"^(?:{_SITES}|{_BODIES}|{EVENTS})s?$")
"""A word for a kind is no name by itself: the Party, the Institute."""
DESIGNATION = re.compile(r"^(?:[A-Z]{1,3}-?\d+[A-Z]?\b|\d)|^(?:Mark|Type|Class)\s[IVX\d]+$")
"""Aircraft, roads, models: F-86 Sabre, A12, Type 45."""

TITLE_BEFORE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lord|Lady|President|Chancellor|King|Queen|Prince|"
    r"Princess|"
    r"Pope|Professor|Senator|Sen|Rep|Gov|Governor|Mayor|General|Gen|Colonel|Col|Captain|Capt|Lt|"
    r"Lieutenant|Sergeant|Sgt|Major|Admiral|Judge|Justice|Rev|Reverend|Bishop|Archbishop|"
    r"Cardinal|Imam|"
    r"Sheikh|Emperor|Count|Duke|Baron|Saint|Minister|Secretary|Ambassador|Commissioner|Inspector|"
    r"(?:prime |foreign |finance |interior |defen[cs]e )?minister|president|chancellor|mayor|"
    r"spokes(?:man|woman|person)|"
    r"secretary|senator|singer|songwriter|guitarist|drummer|bassist|vocalist|frontman|pianist|"
    r"composer|"
    r"actor|actress|director|author|novelist|poet|writer|journalist|architect|painter|artist|"
    r"philosopher|historian|economist|scientist|physicist|captain|coach|manager|striker|midfielder|"
    r"defender|goalkeeper|pitcher|player|founder|chairman|chairwoman|brother|sister|wife|"
    r"husband|son|daughter|father|mother|uncle|aunt|friend|lawyer|analyst|researcher|teacher|judge)"
    r"(?:\s?\.)?,?\s+[“\"']?$"
)
PLACE_BEFORE = re.compile(
    r"\b(?:town|city|village|island|river|lake|district|province|county|municipality|commune|"
    r"suburb|port|"
    r"capital|region|state|parish|hamlet|community|borough|neighbou?rhood|peninsula|mountain|"
    r"valley)"
    r"(?:\s+of)?,?\s+$"
)
BODY_BEFORE = re.compile(
    r"\b(?:band|company|club|team|group|label|firm|airline|newspaper|agency|party|retailer|"
    r"manufacturer|"
    r"broadcaster|station|bank|university|magazine|organi[sz]ation|supplier|start-up|startup|"
    r"charity|union|bands|"
    r"carmaker|insurer|rival|publisher|developer|operator)\s+[“\"']?$|"
    r"\b(?:customers|companies|clients|firms|brands|banks|clubs|rivals|employers)\s"
    r"(?:such as|like)\s$"
)
SAID_BODY_BEFORE = re.compile(
    r"\b(?:[Tt]he|[Tt]heir|[Ii]ts|[Hh]is|[Hh]er|[Aa]) "
    r"(?:[a-z]+ )?(?:union|company|charity|airline|retailer|carmaker|insurer|watchdog|"
    r"regulator|bank|club|band|newspaper|publisher|operator),\s$"
)
"""The union, Halden, said."""
IN_BEFORE = re.compile(
    r"\b(?:[Ii]n|[Nn]ear|[Aa]round|[Oo]utside|[Tt]hroughout|[Aa]cross|[Bb]etween)\s+$"
)
TOWARDS_BEFORE = re.compile(
    r"\b(?:[Ff]rom|to|[Aa]t|north of|south of|east of|west of|into|towards?|via)\s+$"
)
MOTION_BEFORE = re.compile(
    r"\b(?:fl(?:ew|y|ies|ights?|ying)|went|go(?:es|ing)?|travel\w{0,6}|mov(?:ed?|es|ing)|return\w{0,3}|"
    r"back|dr(?:ove|ive|iving)|trains?|came|arriv(?:ed?|ing)|trips?|journey|way|road|bound|buses)\s"
    r"(?:\w{1,12}\s)?(?:to|from|for|via|into)\s$"
)
THE_BEFORE = re.compile(r"\b[Tt]he\s+$")
PERSON_AFTER = re.compile(
    r"^(?:\s+(?:said|says|told|wrote|added|was born|born|died|married|explained|"
    r"resigned|argued|tweeted|insisted|recalled|sang|who)\b|\s*,\s*who\b|\s*\(\s*born\b)"
)
AGE_AFTER = re.compile(r"^\s*,\s*(?:aged\s)?(?:1?\d{2}|\d)\s*,")
PLACE_AFTER = re.compile(
    r"^\s+(?:railway station|county|district|village|municipality|province|prefecture|airport|"
    r"peninsula|valley|region|residents?|coast)\b"
)
_IS_A = (
    r"^(?:\s*\([^)]{0,60}\))?(?:\s*,|\s+(?:is|was|are|were|became|remains))"
    r"\s+(?:an?|the|one of the|another)\s+(?:[\w-]+\s+){0,4}?"
)
IS_A_PERSON = re.compile(
    _IS_A
    + r"(?:player|actor|actress|politician|singer|musician|guitarist|writer|author|poet|painter|"
    r"artist|footballer|politician|journalist|lawyer|scientist|physicist|philosopher|composer|"
    r"director|"
    r"professor|king|general|officer|pitcher|teacher|historian|economist|mathematician|spokes\w+|"
    r"chief|leader|"
    r"chairman|coach|manager|resident|farmer|nurse|doctor|engineer|student|analyst|researcher|"
    r"activist)\b"
)
IS_A_PLACE = re.compile(
    _IS_A
    + r"(?:village|town|city|municipality|commune|hamlet|parish|river|lake|island|district|suburb|"
    r"mountain|county|province|region|country|port|station|neighbou?rhood|settlement|cave|valley|"
    r"community|area|borough|stadium|racetrack|circuit|castle|park|street|capital)\b"
)
IS_A_BODY = re.compile(
    _IS_A
    + r"(?:band|company|club|team|group|organi[sz]ation|party|charity|association|agency|retailer|"
    r"manufacturer|university|college|school|label|newspaper|magazine|airline|firm|trust|society|"
    r"institute|network|orchestra|union|developer|publisher|supplier|maker|bank|provider|think "
    r"tank|start-?up)\b"
)
COMMA_NAME = re.compile(r"^\s*,\s+((?:[A-Z][\w.'’-]*\s?){1,3})")
SENTENCE_BEFORE = '.!?:…“"'
