"""Words that say what a noun phrase or a name stands for: kinds of things, genders, titles.

Written by hand for kgrag. ``KINDS`` of each language maps common nouns to the types of the ontology
that they may describe, so that "the company" may be an organization and never a person; nouns with
a gender are under ``MALE`` and ``FEMALE`` too. Given names are those common in English text.
"""

from collections.abc import Mapping

from indexes.text import Language

PLACES = frozenset({"city", "country", "state_or_province", "district", "location", "facility"})
"""A name of the type ``location`` may be any of them."""

_ENGLISH: Mapping[tuple[str, ...], str] = {
    ("person",): """
    man woman boy girl gentleman lady guy person child kid baby teenager student pupil teacher
    professor scientist mathematician physicist chemist biologist astronomer philosopher historian
    economist engineer inventor writer author poet novelist playwright journalist reporter editor
    artist painter sculptor architect composer musician singer guitarist drummer actor actress
    comedian director producer filmmaker photographer dancer model player footballer striker
    goalkeeper coach athlete champion politician president chancellor premier minister secretary
    senator congressman congresswoman mayor governor ambassador diplomat judge lawyer attorney
    king queen prince princess emperor empress tsar czar duke duchess pope bishop priest monk saint
    general colonel captain soldier officer commander admiral chairman chairwoman founder ceo
    executive businessman businesswoman entrepreneur banker manager boss leader doctor physician
    nurse surgeon explorer traveller activist victim suspect father mother son daughter brother
    sister husband wife uncle aunt nephew niece cousin grandfather grandmother widow widower bride
    friend neighbor neighbour colleague partner assistant farmer worker driver pilot cook hunter
    servant host guest patient defendant plaintiff respondent petitioner witness youtuber vlogger
    """,
    ("organization",): """
    company firm corporation organization organisation group party university school college
    academy institute institution band club team agency bank newspaper magazine union league
    association society committee commission council ministry department government parliament
    court army navy police church foundation charity startup manufacturer publisher airline
    broadcaster retailer supplier operator developer network movement federation board
    conglomerate orchestra squad faculty library museum hospital senate congress
    """,
    ("city",): "city town capital village settlement municipality metropolis",
    ("country",): "country nation kingdom republic empire colony",
    ("country", "state_or_province"): "state",
    ("state_or_province", "district"): "province region county territory district area",
    ("location",): "island river lake mountain sea ocean valley peninsula continent desert gulf",
    ("facility",): """
    building airport station bridge castle palace tower stadium temple cathedral hotel park museum
    hospital prison factory theatre theater monastery fortress zoo
    """,
    ("work_of_art", "law"): """
    book novel film movie album song poem play story series show episode painting symphony opera
    article report documentary sequel trilogy anthem
    """,
    ("law",): "law act treaty constitution bill agreement charter statute",
    ("event",): """
    war battle conflict revolution festival tournament championship election conference
    earthquake hurricane expedition
    """,
    ("product",): """
    software program phone device aircraft plane ship car vehicle rocket spacecraft telescope
    console browser drug engine
    """,
    ("language",): "language",
    ("award",): "award prize medal",
    ("religion",): "religion",
    ("disease",): "disease illness virus pandemic",
}

_RUSSIAN: Mapping[tuple[str, ...], str] = {
    ("person",): """
    человек мужчина женщина мальчик девочка девушка юноша парень ребёнок студент студентка ученик
    учитель профессор учёный математик физик философ историк экономист инженер писатель писательница
    автор поэт журналист журналистка редактор художник художница архитектор композитор музыкант
    певец певица актёр актриса режиссёр продюсер танцор спортсмен спортсменка футболист вратарь
    тренер чемпион чемпионка политик президент премьер канцлер министр секретарь сенатор депутат мэр
    губернатор посол судья адвокат прокурор следователь король королева принц принцесса император
    императрица царь царица князь папа епископ патриарх священник генерал полковник капитан солдат
    офицер командующий председатель основатель глава директор руководитель начальник предприниматель
    бизнесмен банкир лидер врач активист правозащитник жертва подозреваемый обвиняемый отец мать сын
    дочь брат сестра муж жена супруг супруга дядя тётя племянник дед бабушка вдова друг сосед
    коллега водитель пилот пассажир террорист преступник собеседник гражданин уроженец
    """,
    ("organization",): """
    компания фирма корпорация организация группа партия университет школа институт академия клуб
    команда агентство банк газета журнал союз лига ассоциация общество комитет комиссия совет
    министерство департамент правительство парламент суд армия полиция церковь фонд издание
    предприятие концерн холдинг телеканал ведомство учреждение завод сборная группировка движение
    """,
    ("city",): "город столица деревня село посёлок",
    ("country",): "страна государство республика королевство империя",
    ("state_or_province", "district"): "область регион край район штат провинция округ",
    ("location",): "остров река озеро гора море",
    ("facility",): "здание аэропорт вокзал станция мост замок дворец башня стадион храм",
    ("work_of_art", "law"): "книга роман фильм альбом песня пьеса картина сериал статья доклад",
    ("law",): "закон указ договор соглашение конституция законопроект",
    ("event",): "война битва конфликт революция фестиваль турнир чемпионат выборы авария взрыв",
    ("product",): "программа устройство самолёт корабль автомобиль ракета судно поезд телефон",
}


def _kinds(table: Mapping[tuple[str, ...], str]) -> dict[str, frozenset[str]]:
    kinds: dict[str, frozenset[str]] = {}
    for types, nouns in table.items():
        for noun in nouns.split():
            kinds[noun] = kinds.get(noun, frozenset()).union(types)
    return kinds


KINDS: Mapping[Language, Mapping[str, frozenset[str]]] = {
    "en": _kinds(_ENGLISH),
    "ru": _kinds(_RUSSIAN),
}
"""Common noun (dictionary form) -> types that it may describe."""

MALE = frozenset(
    "man boy gentleman guy actor businessman congressman chairman king prince emperor tsar czar"
    " duke pope bishop priest monk father son brother husband uncle nephew grandfather widower mr"
    " sir lord dad mister baron count sultan shah".split()
)
FEMALE = frozenset(
    "woman girl lady actress businesswoman congresswoman chairwoman queen princess empress duchess"
    " mother daughter sister wife aunt niece grandmother widow bride mrs ms miss dame madam mom"
    " baroness countess czarina tsarina".split()
)

MALE_NAMES = frozenset(
    """
    aaron abraham adam adrian alan albert alberto alec alex alexander alexandre alexei alfred ali
    allan allen amos anders andre andreas andrei andrew andy angelo anthony anton antonio archibald
    arnold arthur august augustus barack barry bart ben benedict benjamin bernard bernhard bill
    billy blaise bob bobby boris brad bradley brendan brent brett brian bruce bruno bryan byron
    caesar calvin carl carlo carlos cecil cedric charles charlie chester chris christian christoph
    christopher clarence claude clement cliff clifford clint clinton clyde colin conrad constantine
    craig curtis dale dan daniel darren dave david dean dennis derek dick diego dietrich dmitri
    dmitry dominic don donald doug douglas duncan dwight earl ed eddie edgar edmund eduard eduardo
    edward edwin eli elijah elliot elliott elmer elon emil emile emmanuel eric erich erik ernest
    ernst erwin ethan eugene evan ezra felipe felix ferdinand fernando floyd francesco francis
    francisco franco francois frank franklin franz fred frederic frederick friedrich fritz gabriel
    galileo gareth gary gaston gavin geoff geoffrey georg george georges gerald gerard gerhard
    gilbert giovanni giuseppe glen glenn gordon graham grant greg gregory guillaume gunther gustav
    guy hans harald harold harris harry harvey hector heinrich helmut henri henrik henry herbert
    herman hermann homer horace howard hubert hugh hugo humphrey ian igor ignacio immanuel irving
    isaac isaiah ivan jack jackson jacob jacques jaime jake jakob james jan jared jason javier jay
    jean jeff jefferson jeffrey jens jeremiah jeremy jerome jerry jesse jesus jim jimmy joachim joao
    joaquin joe joel johan johann johannes john johnny jon jonas jonathan jordi jorge jose josef
    joseph joshua josiah juan jules julian julius jurgen justin karl keith ken kenneth kevin kirk
    klaus konrad kurt kyle lance larry lars laurent lawrence lee leo leon leonard leonardo leonhard
    leopold lev lewis lincoln lloyd lorenzo louis luca lucas luigi luis luke luther magnus malcolm
    manuel marc marcel marco marcus mario mark martin marvin mathew matt matteo matthew matthias
    maurice max maximilian maxwell mel michael michel miguel mike mikhail miles milton mitchell
    mohamed mohammad mohammed morgan moses muhammad napoleon nathan nathaniel ned neil nelson
    neville nicholas nick nicola nicolas nigel niels nikita nikola nikolai noah noam noel norman
    oleg oliver omar oscar oskar otto owen pablo paolo pascal patrick paul paulo pavel pedro percy
    perry pete peter petr phil philip philippe phillip pierre plato rafael ralph ramon randy raphael
    raul ray raymond reginald rene rex ricardo richard rick rob robert roberto robin rodney rodrigo
    roger roland roman ron ronald ross roy rudolf rudolph rufus rupert russell ryan sam samuel
    santiago scott sean sebastian sergei sergey sergio seth shane shaun sidney siegfried sigmund
    simon socrates stanley stefan stephen steve steven stewart stuart sven sydney ted terence
    terrence terry theodor theodore thomas tim timothy toby todd tom tommy tony travis trevor tyler
    ulrich ulysses umberto valentin vernon victor viktor vincent vincenzo vladimir vladislav wallace
    walt walter warren wayne werner wilfred wilhelm will willem william willie winston wolfgang
    woodrow xavier yuri yves zachary
    """.split()
)
FEMALE_NAMES = frozenset(
    """
    abigail ada adela adele adriana agatha agnes aileen alexandra alexis alice alicia alison
    allison amanda amber amelia amy ana anastasia andrea angela angelica angelina anita ann anna
    annabel anne annette annie antonia april ariana ashley astrid audrey ava barbara beatrice
    becky belinda bella bernadette bertha beth betsy betty beverly bianca bonnie brenda bridget
    britney brooke camilla camille candace carla carmen carol carole caroline carolyn carrie
    cassandra catherine cathy cecilia celia charlene charlotte chelsea cheryl chloe christina
    christine cindy claire clara clare claudia cleopatra colleen connie constance cordelia
    cristina crystal cynthia daisy dana danielle daphne dawn deborah debbie debra deirdre delia
    denise diana diane dina dolores donna dora doris dorothea dorothy edith edna eileen elaine
    eleanor elena elisabeth elise eliza elizabeth ella ellen elsa emilia emily emma erica erika
    erin estelle esther ethel eugenia eva eve evelyn faith fatima felicia fiona flora florence
    frances francesca freda frieda gabriela gabrielle gail gemma genevieve georgia georgina
    geraldine gertrude gina ginger giovanna gisele gladys glenda gloria grace greta gretchen gwen
    hannah harriet hazel heather hedwig heidi helen helena helene helga henrietta hilary hilda
    hillary ida imogen ingrid irene irina iris irma isabel isabella isabelle ivanka ivy jackie
    jacqueline jane janet janice jasmine jeanette jeanne jenna jennifer jenny jessica jill joan
    joanna joanne jocelyn johanna josephine joy joyce juanita judith judy julia juliana julie
    juliet juliette june kamala kate katharina katharine katherine kathleen kathryn kathy katie
    katrina kayla kelly kendra kimberly kirsten kristen kristin kristina lana lara laura lauren
    leah lena leslie leticia lidia lillian lily linda lisa liz lois lola lorena lorraine louisa
    louise lucia lucille lucy luisa lydia lynn mabel madeleine madeline madonna magdalena maggie
    malala mandy marcia margaret margarita margot maria marian marianne marie marilyn marina
    marion marissa marjorie marlene martha mary mathilda matilda maude maureen maxine megan
    melanie melinda melissa mercedes meredith mia michelle mildred miranda miriam moira molly
    monica muriel myra nadia nancy naomi natalia natalie natasha nell nellie nicole nina nora
    norma octavia odette olga olivia olympia ophelia oprah pamela patricia paula pauline pearl
    peggy penelope penny petra philippa phoebe phyllis polly priscilla rachel ramona raquel
    rebecca regina renata renee rhonda rita roberta rosa rosalind rose rosemary roxanne ruby ruth
    sabrina sally samantha sandra sara sarah savannah scarlett selena selma serena shannon sharon
    sheila shelley shirley silvia simone sofia sonia sonya sophia sophie stella stephanie sue
    susan susanna susie suzanne svetlana sybil sylvia tamara tanya tara tatiana teresa tessa
    thelma theresa tiffany tina tracy trudy ursula valentina valerie vanessa vera veronica
    victoria viola violet virginia vivian vivien wanda wendy whitney wilhelmina winifred yolanda
    yoko yvette yvonne zoe
    """.split()
)
