"""Narrows a coarse label of a training corpus by the wording of the mention.

Corpora say ``LOC`` where the ontology knows countries, cities and rivers. A name that everybody
knows, or a telling first or last word, settles it; where the label does not admit the hint, it is
ignored. Written by hand for kgrag; used in training only, so a missing name costs nothing at run
time.
"""

from collections.abc import Mapping

_NAMES: Mapping[str, str] = {
    "country": """
    Afghanistan; Albania; Algeria; Angola; Argentina; Armenia; Australia; Austria; Azerbaijan;
    Bahrain; Bangladesh; Belarus; Belgium; Bolivia; Brazil; Bulgaria; Burma; Cambodia; Cameroon;
    Canada; Chile; China; Colombia; Croatia; Cuba; Cyprus; Czechoslovakia; Denmark; Ecuador;
    Egypt; England; Estonia; Ethiopia; Finland; France; Georgia; Germany; Ghana; Greece;
    Guatemala; Haiti; Hungary; Iceland; India; Indonesia; Iran; Iraq; Ireland; Israel; Italy;
    Jamaica; Japan; Jordan; Kazakhstan; Kenya; Kuwait; Kyrgyzstan; Laos; Latvia; Lebanon; Libya;
    Lithuania; Malaysia; Mali; Malta; Mexico; Moldova; Mongolia; Morocco; Nepal; Netherlands;
    Nicaragua; Nigeria; Norway; Pakistan; Panama; Paraguay; Peru; Philippines; Poland; Portugal;
    Prussia; Romania; Russia; Scotland; Senegal; Serbia; Singapore; Slovakia; Slovenia; Somalia;
    Spain; Sudan; Sweden; Switzerland; Syria; Taiwan; Tajikistan; Tanzania; Thailand; Tunisia;
    Turkey; Turkmenistan; Uganda; Ukraine; Uruguay; Uzbekistan; Venezuela; Vietnam; Wales;
    Yemen; Yugoslavia; Zambia; Zimbabwe; USA; US; UK; USSR; U.S.; U.K.; U.S.A.; United States;
    United States of America; United Kingdom; Great Britain; Soviet Union; South Korea; North
    Korea; South Africa; New Zealand; Saudi Arabia; Sri Lanka; Czech Republic; Costa Rica; El
    Salvador; the United States; West Germany; East Germany; Ottoman Empire; Roman Empire;
    Russian Empire; Austria-Hungary
    """,
    "state_or_province": """
    Alabama; Alaska; Arizona; Arkansas; California; Colorado; Connecticut; Delaware; Florida;
    Hawaii; Idaho; Illinois; Indiana; Iowa; Kansas; Kentucky; Louisiana; Maine; Maryland;
    Massachusetts; Michigan; Minnesota; Mississippi; Missouri; Montana; Nebraska; Nevada; Ohio;
    Oklahoma; Oregon; Pennsylvania; Tennessee; Texas; Utah; Vermont; Virginia; Wisconsin;
    Wyoming; Ontario; Quebec; Manitoba; Saskatchewan; Alberta; Queensland; Tasmania; Bavaria;
    Saxony; Hesse; Tuscany; Lombardy; Sicily; Catalonia; Andalusia; Punjab; Kerala; Gujarat;
    Maharashtra; Calif.; Fla.; Mass.; Pa.; Tenn.; Va.; Wis.; Ill.; Mich.; Minn.; Ariz.; Ala.;
    Ga.; La.; Md.; Miss.; Mo.; Ore.; Conn.; Colo.; Ky.; Ind.; New York State; New Jersey; New
    Mexico; New Hampshire; North Carolina; South Carolina; North Dakota; South Dakota; West
    Virginia; Rhode Island; British Columbia; Nova Scotia; New South Wales; Western Australia;
    South Australia; Tamil Nadu; Uttar Pradesh; West Bengal; N.Y.; N.J.; N.C.; S.C.; N.M.; N.H.;
    Lower Saxony
    """,
    "city": """
    London; Paris; Berlin; Moscow; Rome; Madrid; Vienna; Prague; Warsaw; Budapest; Athens;
    Lisbon; Dublin; Stockholm; Oslo; Copenhagen; Helsinki; Brussels; Amsterdam; Rotterdam;
    Hamburg; Munich; Cologne; Frankfurt; Leipzig; Dresden; Zurich; Geneva; Basel; Bern; Milan;
    Naples; Turin; Florence; Venice; Bologna; Genoa; Barcelona; Valencia; Seville; Lyon;
    Marseille; Bordeaux; Strasbourg; Manchester; Liverpool; Birmingham; Leeds; Sheffield;
    Glasgow; Edinburgh; Cardiff; Belfast; Oxford; Cambridge; Bristol; Kiev; Kyiv; Minsk; Riga;
    Vilnius; Tallinn; Odessa; Belgrade; Zagreb; Sofia; Bucharest; Istanbul; Ankara; Cairo;
    Jerusalem; Baghdad; Tehran; Kabul; Karachi; Delhi; Mumbai; Calcutta; Bangalore; Chennai;
    Beijing; Shanghai; Tokyo; Kyoto; Osaka; Seoul; Hanoi; Bangkok; Manila; Jakarta; Sydney;
    Melbourne; Brisbane; Perth; Toronto; Montreal; Vancouver; Ottawa; Chicago; Boston;
    Philadelphia; Houston; Dallas; Austin; Denver; Detroit; Cleveland; Cincinnati; Pittsburgh;
    Baltimore; Miami; Atlanta; Seattle; Portland; Phoenix; Minneapolis; Milwaukee; Nashville;
    Memphis; Havana; Lima; Santiago; Bogota; Caracas; Nairobi; Johannesburg; Lagos; Königsberg;
    Leningrad; New York City; Los Angeles; San Francisco; San Diego; San Antonio; Las Vegas; New
    Orleans; New Delhi; Hong Kong; Tel Aviv; Saint Petersburg; St. Petersburg; St. Louis; Buenos
    Aires; Rio de Janeiro; Mexico City; Salt Lake City; Cape Town; Washington , D.C.;
    Washington, D.C.; Kansas City; São Paulo; Manhattan
    """,
    "location": """
    Europe; Asia; Africa; America; Antarctica; Oceania; Siberia; Caucasus; Balkans; Scandinavia;
    Alps; Himalayas; Pacific; Atlantic; Mediterranean; Baltic; Caribbean; North America; South
    America; Latin America; Middle East; Southeast Asia; the Middle East; Central Asia; Eastern
    Europe; Western Europe; Central Europe
    """,
    "nationality": """
    American; British; English; Scottish; Welsh; Irish; French; German; Italian; Spanish;
    Portuguese; Dutch; Belgian; Swiss; Austrian; Russian; Ukrainian; Polish; Czech; Slovak;
    Hungarian; Romanian; Bulgarian; Greek; Turkish; Serbian; Croatian; Bosnian; Albanian;
    Swedish; Norwegian; Danish; Finnish; Icelandic; Estonian; Latvian; Lithuanian; Georgian;
    Armenian; Chinese; Japanese; Korean; Vietnamese; Thai; Indian; Pakistani; Iranian; Iraqi;
    Israeli; Jewish; Arab; Egyptian; Moroccan; Algerian; Tunisian; Nigerian; Kenyan; Ethiopian;
    Canadian; Mexican; Brazilian; Argentine; Chilean; Peruvian; Colombian; Cuban; Australian;
    Soviet; European; African; Asian; Filipino; Indonesian; Malaysian; Afghan; Syrian; Lebanese;
    Palestinian; Kurdish; Yugoslav; Flemish; Bavarian; Prussian; Americans; Germans; Russians;
    Jews; Arabs; Italians; Poles; Turks; Greeks; Romans; Swedes; Hispanic; African-American
    """,
    "language": "Esperanto; Hindi; Latin; Malayalam; Sanskrit; Tamil; Urdu; Yiddish",
}
"""Whole names, by type."""

_LAST_WORDS: Mapping[str, str] = {
    "location": """
    River; Lake; Sea; Ocean; Mountain; Mountains; Island; Islands; Valley; Bay; Peninsula;
    Desert; Forest; Gulf; Coast
    """,
    "district": "County; District; Borough; Municipality; Township",
    "state_or_province": "Province; Oblast; Prefecture; Krai; State",
    "facility": """
    Airport; Bridge; Stadium; Station; Building; Hall; Museum; Church; Castle; Palace;
    Cathedral; Hospital; Theatre; Road; Street; Avenue; Drive; Highway; Park; Tower; Arena;
    Prison
    """,
    "award": "Award; Awards; Prize; Medal",
    "event": """
    War; Battle; Olympics; Revolution; Festival; Championship; Championships; Election;
    election; elections; Conference; Cup; Congress
    """,
    "law": "Act; Treaty; Constitution; Agreement; Amendment",
    "city": "City",
}
"""Last words of longer names, by type."""

_FIRST_WORDS: Mapping[str, str] = {
    "location": "Lake; Mount; River; Gulf; Cape; Isle",
    "event": "Battle; Siege",
    "law": "Treaty",
}
"""First words of longer names, by type."""


def _by_name(lists: Mapping[str, str]) -> dict[str, str]:
    return {
        " ".join(name.split()): type_ for type_, names in lists.items() for name in names.split(";")
    }


_TYPE_OF_NAME = _by_name(_NAMES)
_TYPE_OF_LAST_WORD = _by_name(_LAST_WORDS)
_TYPE_OF_FIRST_WORD = _by_name(_FIRST_WORDS)


def hinted_type(mention: str) -> str | None:
    """Return the type that the wording of an English mention suggests, if any."""
    if mention in _TYPE_OF_NAME:
        return _TYPE_OF_NAME[mention]
    if "%" in mention or "percent" in mention:
        return "percent"
    if mention[:1] in "$£€" or mention.endswith(("dollars", "pounds")):
        return "money"
    words = mention.split()
    if len(words) < 2:
        return "number" if mention.replace(",", "").isdigit() else None
    return _TYPE_OF_LAST_WORD.get(words[-1]) or _TYPE_OF_FIRST_WORD.get(words[0])
