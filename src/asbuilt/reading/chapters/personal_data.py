"""Fields that hold personal data: lists, tables, and sentences such as `PII columns (email, phone) are encrypted`."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Paragraph, Row, Table
from asbuilt.model.chapters import PersonalField
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry, title_of
from asbuilt.reading.phrases.pieces import bare, is_identifier, names_in, split
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

PERSONAL = re.compile(
    r"\bPII\b|personal(?:ly)?[ -](?:data|info\w*|identif\w*|field|column)|sensitive (?:data|field|column|info)|个人信息|个人数据|個人資料|敏感資料|敏感(?:数据|字段|信息)|개인 ?정보|"
    r"個人情報|персональн|ПДн|dad[oa]s (?:pessoais|personales)|datos personales|personenbezogen|donn[ée]es personnelles|kişisel veri|data pribadi",
    re.IGNORECASE,
)
# A part of any of them, each opened by a letter of its own: looked for in a tenth of the time.
_LIKELY = re.compile("pii|person|sensitive|个人|個人|敏感|개인|персональн|пдн|pessoais|şi|pribadi")
_PRIVACY = re.compile(
    r"^\W*(?:[\d.]+\s*)?(?:data )?(?:privacy|隐私|개인정보 보호|プライバシー|privacidad|privacidade)\W*$", re.IGNORECASE
)
_OTHER = re.compile(
    r"encrypt|retention|erasure|delet|consent|anonymi|mask|access|audit|classif|分级|분류|классификац|clasificaci|classifica|klassifi|加密|保留|删除|同意|匿名|脱敏|암호화|보존|삭제|шифр|удален|хранен|согласи|暗号|保持|削除",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(r"(?P<entity>[A-Za-z_]\w*)\.(?P<field>[A-Za-z_]\w*|\*)")
_LISTED = re.compile(
    r"(?:columns?|fields?|data|字段|列|信息|数据|필드|정보|поля|данные|campos|カラム|項目)?\s*(?:\((?P<inner>[^()\n]{2,400})\)|（(?P<wide>[^（）\n]{2,400})）|[:：]\s*(?P<tail>[^\n.。;]{2,400}))"
)


def read_personal_entry(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`- `users.email` - Personal identifier`, and `- email` under a heading about personal data."""
    if not _is_about_personal(entry.title):
        return read_personal_phrase(entry.text, context)
    name = entry.key or entry.text
    category = entry.value.text if entry.key else ""
    qualified = _QUALIFIED.fullmatch(name.text.strip())
    if qualified:
        return (_field(entry.span, qualified["entity"], qualified["field"], category),)
    if found := _of_entity(name, entry.value if entry.key else None, context, entry):
        return found
    return read_personal_phrase(entry.text, context)


@lru_cache(maxsize=4096)
def _is_about_personal(title: str) -> bool:
    """Tell whether the innermost label or heading that says what its lines are about says: personal data."""
    for line in title.split("\n"):
        if PERSONAL.search(line) or _PRIVACY.search(line):
            return True
        if _OTHER.search(line):
            return False
    return False


def _of_entity(name: Excerpt, value: Excerpt | None, context: Context, entry: Entry) -> tuple[Fact, ...]:
    """`email: contact data` under an entity's heading, or `users: email, phone`."""
    text = name.text.strip()
    if not is_identifier(text):
        return ()
    fields = names_in(value) if value is not None else None
    if fields and len(fields) > 1:
        return tuple(_field(field.span(), text, field.text, "") for field in fields)
    if not (entry.is_strong or entry.codes) and text != text.lower():
        return ()
    return (_field(entry.span, _entity(context), text, value.text if value else ""),)


def read_personal_phrase(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    """The fields that a sentence lists in brackets or after a colon; a readable list or nothing."""
    return personal_fields(text, _entity(context))


def personal_fields(text: Excerpt, entity: str) -> tuple[PersonalField, ...]:
    """Return the fields that a sentence or a comment beside `entity` calls personal."""
    opening = PERSONAL.search(text.text) if _LIKELY.search(text.text.lower()) else None
    listed = (
        _LISTED.match(
            text.text, opening.end() + len(text.text[opening.end() :]) - len(text.text[opening.end() :].lstrip())
        )
        if opening
        else None
    )
    if listed is None or listed.lastgroup is None:
        return ()
    pieces = [bare(piece) for piece in split(text.cut(*listed.span(listed.lastgroup)))]
    names = [piece for piece in pieces if not re.fullmatch(r"\.{2,3}|…|etc|等", piece.text)]
    matches = [(piece, _QUALIFIED.fullmatch(piece.text)) for piece in names]
    if not names or not all(match or _is_column(piece.text) for piece, match in matches):
        return ()
    return tuple(
        _field(
            piece.span(),
            match["entity"] if match else entity,
            match["field"] if match else piece.text,
            "",
        )
        for piece, match in matches
    )


def _entity(context: Context) -> str:
    """The entity above, unless what stands above only says that this is about personal data."""
    return "" if context.entity is None or _is_personal(context.entity) else context.entity


@lru_cache(maxsize=4096)
def _is_personal(title: str) -> bool:
    return PERSONAL.search(title) is not None


def _is_column(text: str) -> bool:
    return is_identifier(text) and (text == text.lower() or "_" in text or text[0].islower())


def read_personal_paragraph(block: Block, context: Context) -> Reading | None:
    """A paragraph that lists personal fields in one of its sentences."""
    facts = read_personal_phrase(block.text, context) if isinstance(block, Paragraph) else ()
    return Reading(facts) if facts else None


def read_personal_table(block: Block, context: Context) -> Reading | None:
    """Read a table under a heading about personal data, or with a column for it, whose first cells are fields.

    Example: `| users.email | contact |` marks that field as personal.
    """
    if not isinstance(block, Table) or not (
        _is_personal(title_of(block)) or any(_is_personal(cell.text.text) for cell in block.header.cells)
    ):
        return None
    facts = [fact for row in block.rows for fact in _rowed(row, context)]
    return Reading(tuple(facts)) if facts else None


def _rowed(row: Row, context: Context) -> list[PersonalField]:
    texts = [cell.text.text.strip() for cell in row.cells]
    category = texts[-1] if len(texts) > 1 else ""
    if match := _QUALIFIED.fullmatch(texts[0]):
        return [_row(row, match["entity"], match["field"], category)]
    if not is_identifier(texts[0]):
        return []
    fields = names_in(row.cells[1].text) if len(texts) > 1 else None
    if fields is None:
        return [_row(row, _entity(context), texts[0], category)]
    return [_row(row, texts[0], field.text, category if len(texts) > 2 else "") for field in fields]


def _row(row: Row, entity: str, field: str, category: str) -> PersonalField:
    return PersonalField(span=row.span, form=Form.LISTING, entity=entity, field=field, category=category)


def _field(place: Span, entity: str, field: str, category: str) -> PersonalField:
    return PersonalField(span=place, form=Form.LISTING, entity=entity, field=field, category=category)
