"""Classes of data: `**Confidential**: payment data`."""

import re
from functools import lru_cache

from asbuilt.model.chapters import DataClass
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.reader import Context

_CLASS = re.compile(
    r"(?:(?:highly |strictly )?(?:public|internal(?: only)?|confidential|restricted|secret|top secret|sensitive|private)|公开|内部|內部|机密|绝密|秘密|敏感|"
    r"공개|내부|기밀|대외비|公開|社内|機密|極秘|общедоступн\w*|внутренн\w*|конфиденциальн\w*|públic[oa]|intern[oa]|confidencial|restrit[oa]|restringid[oa]|"
    r"öffentlich|intern|vertraulich)(?: (?:data|information))?(?:数据|信息|데이터)?",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"classif|class(?:es)? of data|分类|分级|분류|등급|классификац|clasificaci|classificaç|klassifi|sınıfland",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return _TITLE.search(title) is not None


def is_class(text: str) -> bool:
    """Tell whether `text` names a class of data (`Confidential`, `机密`)."""
    return _CLASS.fullmatch(text.strip()) is not None


def read_data_class(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about classification whose key is the name of a class."""
    if entry.key is None or not _is_titled(entry.title) or not is_class(entry.key.text):
        return ()
    return (DataClass(span=entry.span, form=Form.LISTING, name=entry.key.text.strip(), text=entry.value.text),)
