"""What rows are made of: names in several scripts, places, things, sentences. All of it invented."""

GIVEN = (
    "Anna", "Mateo", "Yuki", "Ольга", "李娜", "Zoë", "Ahmed", "Priya", "Łukasz", "Σοφία", "Noah", "Chiara", "지민", "José",
    "Fatima", "Søren", "Ngozi", "Emre", "Léa", "Tomás", "さくら", "Ingrid", "Ravi", "مريم",
)  # fmt: skip
FAMILY = (
    "Kim", "García", "Okafor", "Müller", "Иванова", "王", "Rossi", "Nguyễn", "Smith", "O'Neill", "佐藤", "Kowalska", "Silva",
    "Αγγέλου", "Haddad", "Berg", "Dvořák", "Singh", "Yılmaz", "Dubois", "박", "Jansen",
)  # fmt: skip
LATIN = (
    "anna",
    "mateo",
    "yuki",
    "olga",
    "lina",
    "zoe",
    "ahmed",
    "priya",
    "lukas",
    "sofia",
    "noah",
    "chiara",
    "jimin",
    "jose",
)
LATIN_FAMILY = (
    "kim",
    "garcia",
    "okafor",
    "muller",
    "ivanova",
    "wang",
    "rossi",
    "nguyen",
    "smith",
    "oneill",
    "sato",
    "silva",
)
DOMAINS = ("example.com", "example.org", "example.net")
CITIES = (
    "Lisbon",
    "Kyoto",
    "Nairobi",
    "Montréal",
    "Kraków",
    "Porto Alegre",
    "Busan",
    "Tromsø",
    "Chennai",
    "Wellington",
)
COUNTRIES = (
    "Portugal",
    "Japan",
    "Kenya",
    "Canada",
    "Poland",
    "Brazil",
    "South Korea",
    "Norway",
    "India",
    "New Zealand",
)
COUNTRY_CODES = ("PT", "JP", "KE", "CA", "PL", "BR", "KR", "NO", "IN", "NZ")
CURRENCIES = ("EUR", "USD", "JPY", "GBP", "BRL", "KRW", "PLN", "INR")
LANGUAGES = ("en", "pt", "ja", "ko", "pl", "fr", "de", "zh")
LOCALES = ("en-GB", "pt-BR", "ja-JP", "ko-KR", "pl-PL", "fr-FR", "de-DE", "zh-CN")
ZONES = ("UTC", "Europe/Lisbon", "Asia/Tokyo", "America/Toronto", "Africa/Nairobi", "Asia/Seoul")
STREETS = ("Harbour Street", "Rua das Flores", "Mill Lane", "Birch Avenue", "Station Road", "Via Roma", "Old Market")
ADJECTIVES = (
    "quiet",
    "amber",
    "brisk",
    "plain",
    "sturdy",
    "bright",
    "early",
    "woven",
    "northern",
    "gentle",
    "copper",
    "open",
)
NOUNS = (
    "lantern",
    "harbour",
    "kettle",
    "meadow",
    "notebook",
    "compass",
    "teapot",
    "anchor",
    "basket",
    "orchard",
    "ladder",
)
COMPANIES = ("Northwind Mills", "Blue Kettle", "Harbour & Sons", "Orchard Works", "Lantern Labs", "Amber Freight")
SENTENCES = (
    "Arrived in good order.", "Please ring twice.", "Works as described.", "Une très bonne surprise.", "とても使いやすいです。",
    "Needs a second look next week.", "Todo salió bien.", "Smaller than it looks on the picture.", "Спасибо, всё отлично!",
)  # fmt: skip
MIME = ("image/png", "application/pdf", "text/plain", "image/jpeg")
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "ExampleApp/2.4 (iOS)", "ExampleApp/2.3 (Android)")
PASSWORD_HASH = "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7Zf1Gm6oUuXo1oP5zB5cJb9s9Q1G6aK"
EXTENSIONS = ("png", "pdf", "txt", "jpg")
