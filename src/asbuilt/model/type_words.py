"""The words that documents in other languages write for types (`字符串`, `Строка`, `文字列`, `Fecha`)."""

import re

# our generic word <- what documents write
_WORDS: tuple[tuple[str, str], ...] = (
    ("string", "字符串 字串 字元串 文字列 文字 문자열 строка cadena строковый karakter metin kata teks chaîne zeichenkette"),
    ("text", "文本 长文本 長文本 テキスト 長文 텍스트 текст texto metin_uzun longtexto"),
    ("integer", "整数 整數 整型 数字(整数) 정수 целое целое_число entero inteiro tamsayı tam_sayı bilangan_bulat entier ganzzahl"),
    ("bigint", "长整数 长整型 長整數 長整數型 큰_정수 длинное_целое"),
    ("number", "数字 数值 數字 數值 数値 숫자 число número numero sayı angka nombre zahl"),
    ("decimal", "小数 小數 十进制 高精度小数 金额 金額 소수 десятичное десятичное_число desimal ondalık décimal"),
    ("float", "浮点数 浮点 浮點數 浮動小数点 浮動小数点数 실수 дробное вещественное"),
    ("boolean", "布尔 布尔值 布林 布林值 布爾 真偽値 真偽 論理値 불리언 부울 логический логическое булево booleano lógico mantıksal booléen wahrheitswert"),
    ("datetime", "日期时间 日期時間 时间日期 日時 날짜시간 일시 날짜/시간 дата_и_время дата/время fecha_y_hora data_e_hora tarih_saat tanggal_waktu"),
    ("timestamp", "时间戳 時間戳 時間戳記 タイムスタンプ 타임스탬프 метка_времени"),
    ("date", "日期 日付 날짜 дата fecha tarih tanggal datum"),
    ("time", "时间 時間 時刻 시간 время hora saat waktu"),
    ("json", "对象 物件 オブジェクト 객체 объект objeto nesne objek"),
    ("enum", "枚举 列舉 枚舉 列挙 列挙型 열거형 перечисление enumerado enumeración numaralandırma"),
    ("array", "数组 陣列 列表 配列 リスト 배열 массив список arreglo lista dizi larik"),
    ("bytes", "二进制 二進位 バイナリ 바이너리 двоичный binario"),
)  # fmt: skip
_WRITTEN = {word.replace("_", " "): ours for ours, words in _WORDS for word in words.split()}
_SHAPE = re.compile(r"(?P<word>[^\d()（）<>\[\]?]*[^\s\d()（）<>\[\]?])\s*(?P<rest>[(（\[].*|\?)?", re.DOTALL)


def translated(text: str) -> str:
    """Return `text` with its type's word in English where it is one of the table above: `字符串（50）` is `string(50)`."""
    if text.isascii() and text.partition("(")[0].rstrip("? ").lower() not in _WRITTEN:
        return text
    shape = _SHAPE.fullmatch(text)
    ours = _WRITTEN.get(shape["word"].lower()) if shape else None
    if shape is None or ours is None:
        return text
    return ours + (shape["rest"] or "").replace("（", "(").replace("）", ")")
