"""Names of currencies and units in English and Russian, and what international symbol they have.

Keys are lower case; a Russian key is a stem, to be found by ``russian_lookup``.
"""

CURRENCIES: dict[str, str | int] = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "доллар": "USD", "долл": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "евро": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "фунт": "GBP",
    "₽": "RUB", "rub": "RUB", "rur": "RUB", "ruble": "RUB", "rouble": "RUB", "рубл": "RUB",
    "руб": "RUB", "р": "RUB", "¥": "JPY", "jpy": "JPY", "yen": "JPY", "иен": "JPY", "йен": "JPY",
    "cny": "CNY", "yuan": "CNY", "renminbi": "CNY", "юан": "CNY", "₴": "UAH", "uah": "UAH",
    "hryvnia": "UAH", "гривн": "UAH", "гривен": "UAH", "гривень": "UAH", "грн": "UAH",
    "chf": "CHF", "kzt": "KZT", "tenge": "KZT", "тенге": "KZT", "₸": "KZT", "inr": "INR",
    "rupee": "INR", "рупи": "INR", "₹": "INR", "krw": "KRW", "вон": "KRW", "₩": "KRW",
    "pln": "PLN", "zloty": "PLN", "злот": "PLN", "злотых": "PLN", "sek": "SEK", "nok": "NOK",
    "dkk": "DKK", "try": "TRY", "₺": "TRY", "ils": "ILS", "₪": "ILS", "shekel": "ILS",
    "шекел": "ILS", "byn": "BYN", "btc": "BTC", "bitcoin": "BTC", "биткоин": "BTC",
    "биткойн": "BTC", "cad": "CAD", "aud": "AUD", "brl": "BRL", "mxn": "MXN", "czk": "CZK",
    "dm": "DEM",
}  # fmt: skip
"""ISO 4217 codes. A dollar, pound or rouble without a country is that of the largest one."""

NATIONAL_CURRENCIES = (
    (("шведск", "swedish"), ("крон", "krona", "kronor"), "SEK"),
    (("норвежск", "norwegian"), ("крон", "krone", "kroner"), "NOK"),
    (("датск", "danish"), ("крон", "krone", "kroner"), "DKK"),
    (("чешск", "czech"), ("крон", "koruna", "crown"), "CZK"),
    (("швейцарск", "swiss"), ("франк", "franc"), "CHF"),
    (("французск", "french"), ("франк", "franc"), "FRF"),
    (("бельгийск", "belgian"), ("франк", "franc"), "BEF"),
    (("немецк", "german", "deutsch"), ("марк", "mark"), "DEM"),
    (("белорусск", "belarusian"), ("рубл", "ruble", "rouble"), "BYN"),
    (("российск", "russian"), ("рубл", "ruble", "rouble"), "RUB"),
    (("канадск", "canadian"), ("доллар", "dollar"), "CAD"),
    (("австралийск", "australian"), ("доллар", "dollar"), "AUD"),
    (("американск", "american", "us"), ("доллар", "dollar"), "USD"),
    (("турецк", "turkish"), ("лир", "lira"), "TRY"),
    (("индийск", "indian"), ("рупи", "rupee"), "INR"),
    (("японск", "japanese"), ("иен", "йен", "yen"), "JPY"),
    (("китайск", "chinese"), ("юан", "yuan"), "CNY"),
)
AFTER_CURRENCY = frozenset("сша us америки стерлингов sterling рф".split())
HUNDREDTHS: dict[str, str | int] = {
    "цент": "USD", "cent": "USD", "копе": "RUB", "копеек": "RUB", "копейк": "RUB",
    "пенс": "GBP", "pence": "GBP",
}  # fmt: skip
BEFORE_AMOUNT = frozenset(
    "$ € £ ¥ ₽ ₴ ₹ ₩ usd eur gbp rub jpy cny chf inr krw pln sek nok dkk cad aud brl".split()
)
DOLLARS = {"us": "USD", "c": "CAD", "hk": "HKD", "nz": "NZD"}
"""What may stand before the sign: ``US$``."""

SHORT_SCALES = {"m": 10**6, "k": 10**3, "b": 10**9}

PERCENTS: dict[str, str | int] = {**dict.fromkeys("% percent процент процентн".split(), "%")}

TIME_UNITS: dict[str, str | int] = {
    **dict.fromkeys("year yr год лет лета летн летие летия летию летием летии".split(), "Y"),
    **dict.fromkeys("month месяц месячн".split(), "M"),
    **dict.fromkeys("week недел недель недельн".split(), "W"),
    **dict.fromkeys("day день дн дней дневн сутк суток".split(), "D"),
    **dict.fromkeys("hour hr час часов".split(), "TH"),
    **dict.fromkeys("minute min минут минутн мин".split(), "TM"),
    **dict.fromkeys("second sec секунд секундн сек".split(), "TS"),
}
UNITS: dict[str, str | int] = {
    **dict.fromkeys("m meter metre м метр метров".split(), "m"),
    **dict.fromkeys("km kilometer kilometre км километр километров".split(), "km"),
    **dict.fromkeys("cm centimeter centimetre см сантиметр сантиметров".split(), "cm"),
    **dict.fromkeys("mm millimeter millimetre мм миллиметр миллиметров".split(), "mm"),
    **dict.fromkeys("mile mi мил миль".split(), "mi"),
    **dict.fromkeys("foot feet ft фут футов".split(), "ft"),
    **dict.fromkeys("inch inches in дюйм".split(), "in"),
    **dict.fromkeys("yard yd ярд".split(), "yd"),
    **dict.fromkeys("kg kilogram kilogramme kilo кг килограмм".split(), "kg"),
    **dict.fromkeys("g gram gramme г гр грамм".split(), "g"),
    **dict.fromkeys("tonne t т тонн".split(), "t"),
    **dict.fromkeys("hectare ha га гектар".split(), "ha"),
    **dict.fromkeys("acre акр".split(), "acre"),
    **dict.fromkeys("liter litre l литр л".split(), "L"),
    **dict.fromkeys("w watt вт ватт".split(), "W"),
    **dict.fromkeys("kw kilowatt квт киловатт".split(), "kW"),
    **dict.fromkeys("mw megawatt мвт мегаватт".split(), "MW"),
    **dict.fromkeys("hz герц гц".split(), "Hz"),
    **dict.fromkeys("mhz мгц мегагерц".split(), "MHz"),
    **dict.fromkeys("khz кгц килогерц".split(), "kHz"),
    **dict.fromkeys("nm нм нанометр нанометров".split(), "nm"),
    **dict.fromkeys("° degree градус градусов".split(), "°"),
}
SQUARE: dict[str, str | int] = {"square": "2", "sq": "2", "квадратн": "2", "кв": "2"}
CUBIC: dict[str, str | int] = {"cubic": "3", "кубическ": "3", "куб": "3"}
