"""What rows are made of: names in several scripts, places, things, sentences. The people and firms are invented."""


def _listed(text: str) -> tuple[str, ...]:
    """Return the words of a text, parted by commas or lines."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


GIVEN = _listed("""
    Anna, Mateo, Yuki, Ольга, 李娜, Zoë, Ahmed, Priya, Łukasz, Σοφία, Noah, Chiara, 지민, José, Fatima, Søren, Ngozi, Emre, Léa, Tomás
    さくら, Ingrid, Ravi, مريم, Lucía, Björn, Amara, Дмитрий, 伟, Hana, Élodie, Omar, Mei, Jürgen, Kwame, Αλέξης, Nikolai, Saoirse, 서연
    Thảo, Iker, Zainab, Oluwaseun, Petra, Marek, תמר, Aylin, Rania, João, Inês, 太郎, Ana María, Jean-Luc, Siobhán, Đorđe, Þóra, आरव, अनन्या
    สมชาย, Lívia, Matthias, Freya, Callum, Nia, Tariq, Leila, Bence, Zsófia, Andrei, Ioana, Kaito, Minh, Ewa, Giulia, Hugo, Olivia
""")
FAMILY = _listed("""
    Kim, García, Okafor, Müller, Иванова, 王, Rossi, Nguyễn, Smith, O'Neill, 佐藤, Kowalska, Silva, Αγγέλου, Haddad, Berg, Dvořák, Singh
    Yılmaz, Dubois, 박, Jansen, Соколов, 张, Fernández, Lindqvist, Mensah, Abe, Öztürk, Papadopoulos, van der Berg, MacLeod, D'Angelo
    Szabó, Popescu, Horvat, כהן, الخطيب, शर्मा, Gonçalves, Çelik, Jørgensen, Ó Súilleabháin, Eriksson, Diallo, Tanaka, Trần, Le Goff
    Novák, Weiß, Østergaard, Ibrahim, Chaudhry, Moreau, Bianchi, Castillo, Adeyemi, Mwangi, 林, 최, ทองดี, Walker, Ferreira, Petrov
""")
LATIN = _listed("""
    anna, mateo, yuki, olga, lina, zoe, ahmed, priya, lukas, sofia, noah, chiara, jimin, jose, fatima, soren, ngozi, emre, lea, tomas
    sakura, ingrid, ravi, maryam, lucia, bjorn, amara, dmitri, wei, hana, elodie, omar, mei, jurgen, kwame, alexis, nikolai, saoirse
    seoyeon, thao, iker, zainab, petra, marek, tamar, aylin, rania, joao, ines, taro, freya, callum, nia, tariq, leila, bence
""")
LATIN_FAMILY = _listed("""
    kim, garcia, okafor, muller, ivanova, wang, rossi, nguyen, smith, oneill, sato, kowalska, silva, haddad, berg, dvorak, singh, yilmaz
    dubois, park, jansen, sokolov, zhang, fernandez, lindqvist, mensah, abe, ozturk, macleod, dangelo, szabo, popescu, horvat, cohen
    sharma, goncalves, celik, jorgensen, eriksson, diallo, tanaka, tran, novak, weiss, ibrahim, moreau, bianchi, castillo, adeyemi
""")
DOMAINS = ("example.com", "example.org", "example.net")
_TOWN_BEGINS = _listed("""
    Ash, Birch, Brook, Castle, Cedar, Clay, Cold, Copper, Crow, Deer, East, Elm, Fair, Fern, Fox, Glen, Gold, Green, Hart, Hawk, Hazel
    High, Holly, Iron, Kings, Lake, Lark, Lin, Long, Maple, Mill, Moor, New, North, Oak, Old, Otter, Pine, Queens, Raven, Red, Rose, Rush
    Salt, Sand, Silver, South, Spring, Stone, Swan, Thorn, West, White, Wild, Willow, Winter, Wood
""")
_TOWN_ENDS = _listed("""
    berg, borough, bourne, bridge, brook, burgh, bury, by, cliff, combe, cote, dale, dene, don, fell, field, ford, gate, grove, ham, haven
    hill, holm, hurst, land, leigh, ley, lock, mere, mill, minster, moor, mouth, ness, pool, port, ridge, shaw, side, stead, stow, thorpe
    ton, vale, view, ville, ward, wick, worth
""")
CITIES = (
    *_listed("""
        Lisbon, Kyoto, Nairobi, Montréal, Kraków, Porto Alegre, Busan, Tromsø, Chennai, Wellington, São Paulo, Zürich, Malmö, Αθήνα, Київ
        北京, 大阪, 부산, القاهرة, תל אביב, मुंबई, กรุงเทพ, Đà Nẵng, İzmir, Gdańsk, Brno, Reykjavík, Cork, Lyon, Göteborg, Córdoba, Accra, Lagos
        Kigali, Tunis, Quito, Bogotá, Valparaíso, Oaxaca, Halifax, Boise, Perth, Hobart, Suva, Cebu, Penang, Pune, Lahore, Tbilisi, Riga
    """),
    *(begin + end for begin in _TOWN_BEGINS for end in _TOWN_ENDS),
)
"""Some that are on the map, in several scripts, and towns made of two halves: about three thousand."""
COUNTRIES = _listed("""
    Portugal, Japan, Kenya, Canada, Poland, Brazil, South Korea, Norway, India, New Zealand, Germany, France, Spain, Italy, Greece, Ireland
    Sweden, Finland, Denmark, Iceland, Austria, Switzerland, Czechia, Hungary, Romania, Ukraine, Türkiye, Israel, Egypt, Morocco, Ghana
    Nigeria, Rwanda, South Africa, Mexico, Colombia, Chile, Peru, Argentina, Uruguay, Australia, Fiji, Philippines, Malaysia, Singapore
    Thailand, Viet Nam, China, Pakistan, Georgia, Latvia, Côte d'Ivoire
""")
COUNTRY_CODES = _listed("""
    PT, JP, KE, CA, PL, BR, KR, NO, IN, NZ, DE, FR, ES, IT, GR, IE, SE, FI, DK, IS, AT, CH, CZ, HU, RO, UA, TR, IL, EG, MA, GH, NG, RW, ZA
    MX, CO, CL, PE, AR, UY, AU, FJ, PH, MY, SG, TH, VN, CN, PK, GE, LV, CI
""")
CURRENCIES = _listed("""
    EUR, USD, JPY, GBP, BRL, KRW, PLN, INR, CAD, AUD, NZD, CHF, SEK, NOK, DKK, CZK, HUF, RON, TRY, ILS, EGP, MAD, GHS, NGN, KES, ZAR, MXN
    COP, CLP, PEN, ARS, SGD, THB, VND, CNY, PHP
""")
LANGUAGES = _listed(
    "en, pt, ja, ko, pl, fr, de, zh, es, it, el, uk, tr, he, ar, hi, th, vi, cs, hu, sv, nb, da, fi, nl, ro, sw"
)
LOCALES = _listed(
    "en-GB, pt-BR, ja-JP, ko-KR, pl-PL, fr-FR, de-DE, zh-CN, es-MX, it-IT, el-GR, uk-UA, tr-TR, he-IL, ar-EG, hi-IN, en-NZ, sv-SE"
)
ZONES = _listed("""
    UTC, Europe/Lisbon, Asia/Tokyo, America/Toronto, Africa/Nairobi, Asia/Seoul, Europe/Warsaw, America/Sao_Paulo, Asia/Kolkata
    Pacific/Auckland, Europe/Berlin, America/Mexico_City, Australia/Perth, Asia/Kathmandu
""")
STREETS = _listed("""
    Harbour Street, Rua das Flores, Mill Lane, Birch Avenue, Station Road, Via Roma, Old Market, Rue de l'Église, Hauptstraße, Calle Mayor
    улица Мира, 中山路, 桜通り, Øvre gate, Church Hill, Rosemary Close, Ulica Długa, Plaza del Sol, Canal Walk, Lärchenweg, Οδός Ερμού
    Garden Terrace, Quai du Port, Kirkegata, Orchard Row, Bridge End, Avenida Central, شارع النيل, Windmill Road, Nørregade
""")
ADJECTIVES = _listed("""
    quiet, amber, brisk, plain, sturdy, bright, early, woven, northern, gentle, copper, open, folding, narrow, silver, rustic, autumn
    compact, painted, coastal, hollow, velvet, polished, twin, crimson, modest, winter, linen, oak, tidal, little, grand
""")
NOUNS = _listed("""
    lantern, harbour, kettle, meadow, notebook, compass, teapot, anchor, basket, orchard, ladder, lighthouse, blanket, saddle, violin
    bottle, satchel, mirror, candle, hammock, drawer, sundial, bicycle, canoe, parasol, bellows, almanac, thimble, marble, bracket
""")
COMPANIES = _listed("""
    Northwind Mills, Blue Kettle, Harbour & Sons, Orchard Works, Lantern Labs, Amber Freight, Tidal Goods, Fjord Verft, Padaria Aurora
    Kiefer & Töchter, 山手商店, Meridian Tools, Atelier Brume, Copperfield Supply, Ладога Пресс, Sundial Books, Saltmarsh Foods, Oak & Iron
""")
SENTENCES = _listed("""
    Arrived in good order.
    Please ring twice.
    Works as described.
    Une très bonne surprise.
    とても使いやすいです。
    Needs a second look next week.
    Todo salió bien.
    Smaller than it looks on the picture.
    Спасибо – всё отлично!
    Would order again.
    The box was open but nothing was missing.
    Sehr gut verarbeitet und schnell geliefert.
    배송이 빨랐어요.
    وصلت في الموعد المحدد.
    Left with the neighbours at number 12.
    I changed my mind about the colour.
    質量很好 值得推薦。
    Uwielbiam tę lampę.
    Cheaper elsewhere.
    It's "fine" & does the job.
""")
MIME = ("image/png", "application/pdf", "text/plain", "image/jpeg", "image/webp", "text/csv", "application/json")
AGENTS = _listed("""
    Mozilla/5.0 (X11; Linux x86_64)
    ExampleApp/2.4 (iOS)
    ExampleApp/2.3 (Android)
    Mozilla/5.0 (Macintosh)
    Mozilla/5.0 (Windows NT 10.0)
""")
PASSWORD = "test-Password-1"
"""The password of everybody in test data."""
PASSWORD_HASH = "$2b$12$SiNtINvY1hFBM5UvmeOemOhip5IpyWLJ17XoQ3B7zxG0nvpM6b2Za"
"""It, as bcrypt keeps it."""
ARGON2_HASH = "$argon2id$v=19$m=65536,t=3,p=4$rfwxH65BAru0EK7tSndK1g$iNrGGugn2an6pl9LrP5ZMF0F/S4mzXu9MPVAp2HzFc4"
"""It, as Argon2id keeps it."""
EXTENSIONS = ("png", "pdf", "txt", "jpg", "csv", "webp")
