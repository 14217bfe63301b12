"""What the columns of tables are called, in the languages that documents are written in: plain data.

A word may have several meanings (`Type` of a field, of an index); the reader of a kind of table asks for those it knows.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """What a table's column holds."""

    FIELD = "field"
    TYPE = "type"
    CONSTRAINT = "constraint"
    KEY = "key"
    UNIQUE = "unique"
    REQUIRED = "required"
    NULLABLE = "nullable"
    DEFAULT = "default"
    LENGTH = "length"
    VALUES = "values"
    TEXT = "text"
    EXAMPLE = "example"
    REFERENCES = "references"
    ENTITY = "entity"
    FIELDS = "fields"
    FOREIGN_KEY = "foreign key"
    ON_DELETE = "on delete"
    ON_UPDATE = "on update"
    PARENT = "parent"
    CHILD = "child"
    JUNCTION = "junction"
    CARDINALITY = "cardinality"
    INDEX = "index"
    METHOD = "method"
    NUMBER = "number"
    GROUP = "group"
    TRAP = "trap"


WORDS: dict[Role, str] = {
    Role.FIELD: "fields|columns|attributes|field|field name|fieldname|column|column name|attribute|attribute name|name|property|property name|字段|字段名|字段名称|"
    "列|列名|属性|属性名|名称|英文名|поле|имя поля|название|название поля|столбец|колонка|атрибут|имя|컬럼|컬럼명|필드|필드명|속성|"
    "속성명|이름|カラム|カラム名|フィールド|フィールド名|列名|項目|項目名|物理名|属性|kolom|nama kolom|nama field|nama|atribut|"
    "coluna|campo|nome do campo|nome da coluna|nome|atributo|nombre|nombre del campo|columna|alan|alan adı|sütun|sütun adı|"
    "kolon|kolon adı|özellik|feld|feldname|spalte|attribut|champ|colonne|nom|pole|kolumna|nazwa|trường|tên trường|cột",
    Role.TYPE: "type|data type|datatype|sql type|db type|database type|field type|column type|postgres type|postgresql type|"
    "类型|数据类型|字段类型|тип|тип данных|타입|자료형|데이터 타입|데이터타입|데이터 유형|유형|型|データ型|タイプ|データタイプ|"
    "tipe|tipe data|tipo|tipo de dado|tipo de dados|tipo de dato|tipo de datos|tip|veri tipi|veri türü|tür|türü|typ|datentyp|"
    "type de données|typ danych|kiểu|kiểu dữ liệu|資料型別|資料類型|型別|類型",
    Role.CONSTRAINT: "attributes|attrs|constraint|constraints|modifiers|modifier|rule|rules|validation|flags|extra|options|约束|约束条件|限制|"
    "ограничения|ограничение|제약조건|제약 조건|제약|制約|制約条件|kendala|batasan|restrições|restrição|restricciones|restricción|"
    "kısıtlamalar|kısıtlama|kısıtlar|kısıt|einschränkungen|einschränkung|contraintes|contrainte|ràng buộc|ograniczenia|約束",
    Role.KEY: "key|keys|pk/fk|pk|pk?|primary key|键|主键|是否主键|ключ|키|キー|kunci|chave|clave|llave|anahtar|schlüssel|clé|klucz|khóa",
    Role.UNIQUE: "unique|unique?|uniq|唯一|是否唯一|уникальный|уникально|고유|유니크|一意|ユニーク|unik|único|benzersiz",
    Role.REQUIRED: "required|required?|mandatory|not null|non-null|nn|必填|是否必填|必须|是否必须|必选|非空|是否非空|필수|필수여부|"
    "필수 여부|必須|обязательное|обязательно|обязательность|обязательный|обяз.|обяз|wajib|obrigatório|obrigatorio|obligatorio|"
    "requerido|zorunlu|pflicht|pflichtfeld|obligatoire|bắt buộc|wymagane",
    Role.NULLABLE: "nullable|nullable?|null|null?|nulls|allow null|allows null|allow nulls|is null|optional|optional?|可空|可为空|"
    "是否可空|是否可为空|是否为空|允许空|允许为空|允许null|空值|空|可选|널|널 허용|null 허용|null여부|null 여부|null 허용 여부|"
    "null許容|null許可|선택|nulo|permite nulo|anulável|опционально|может быть null|boş olabilir|boş geçilebilir",
    Role.DEFAULT: "default|default value|defaults|默认|默认值|缺省值|預設值|по умолчанию|значение по умолчанию|기본값|디폴트|"
    "デフォルト|デフォルト値|初期値|bawaan|nilai default|padrão|valor padrão|predeterminado|valor por defecto|por defecto|"
    "valor predeterminado|varsayılan|varsayılan değer|standardwert|défaut|valeur par défaut|mặc định|domyślna|domyślnie",
    Role.LENGTH: "length|size|max length|长度|длина|길이|크기|長さ|桁数|サイズ|panjang|tamanho|longitud|tamaño|uzunluk|boyut|länge|longueur",
    Role.VALUES: "value|values|allowed values|possible values|enum values|enum|枚举|取值|枚举值|可选值|值|значение|значения|"
    "допустимые значения|허용값|허용 값|값|許容値|値|nilai|valor|valores|değer|değerler|wert|werte|valeur|valeurs|code|код|代码|코드|コード",
    Role.TEXT: "description|descriptions|desc|notes|note|comment|comments|remark|remarks|purpose|meaning|details|reason|rationale|why|usage|"
    "use case|content|contents|key contents|说明|描述|备注|注释|含义|用途|作用|理由|中文名|описание|примечание|примечания|"
    "комментарий|назначение|설명|비고|용도|목적|説明|備考|用途|目的|概要|論理名|keterangan|deskripsi|tujuan|descrição|observações|"
    "observação|finalidade|descripción|descripcion|notas|propósito|açıklama|not|amaç|beschreibung|bemerkung|zweck|remarques|mô tả|"
    "ghi chú|opis|說明|描述|備註",
    Role.EXAMPLE: "example|examples|sample|示例|例子|样例|пример|примеры|예시|예|例|サンプル|contoh|exemplo|ejemplo|örnek|beispiel|exemple",
    Role.REFERENCES: "references|reference|referenced table|ref|refs|foreign key|fk|fk target|refers to|points to|relation|外键|引用|参照|"
    "引用表|关联表|关联|ссылка|ссылается на|внешний ключ|참조|참조 테이블|외래키|外部キー|参照先|参照テーブル|referensi|referência|"
    "referencia|yabancı anahtar|fremdschlüssel|référence",
    Role.ENTITY: "table|table name|tables|entity|entity name|entities|model|collection|表|表名|数据表|逻辑表|实体|实体名|таблица|"
    "имя таблицы|сущность|테이블|테이블명|엔티티|テーブル|テーブル名|エンティティ|エンティティ名|tabel|nama tabel|entitas|tabela|"
    "nome da tabela|entidade|tabla|entidad|tablo|tablo adı|varlık|tabelle|entität|entité|bảng|tên bảng|資料表|表格",
    Role.FIELDS: "fields|columns|attributes|key fields|key columns|main fields|main columns|important fields|key attributes|"
    "main attributes|字段|关键字段|主要字段|核心字段|字段列表|列|索引字段|поля|ключевые поля|основные поля|столбцы|колонки|"
    "필드|컬럼|주요 필드|주요 컬럼|カラム|主なカラム|主要カラム|主要項目|kolom|kolom utama|field utama|campos|campos principais|"
    "campos principales|campos clave|colunas|columnas|alanlar|ana alanlar|sütunlar|kolonlar|spalten|felder|champs|colonnes|"
    "column|column(s)|field|field(s)|fields indexed|indexed columns|key",
    Role.FOREIGN_KEY: "foreign key|foreign key field|foreign key column|fk|fk column|fk field|via|外键|外键字段|внешний ключ|외래키|"
    "외래 키|外部キー|kunci asing|chave estrangeira|clave foránea|yabancı anahtar|fremdschlüssel|clé étrangère|implementation",
    Role.ON_DELETE: "on delete|delete|delete rule|delete action|cascade|cascade rule|cascade rules|删除规则|级联删除|删除行为|при удалении|삭제 시|삭제시|삭제 규칙|削除時|ao excluir|al eliminar",
    Role.ON_UPDATE: "on update|update|update rule|update action|更新规则|级联更新|更新行为|при обновлении|수정 시|갱신 시|更新時|ao atualizar|al actualizar",
    Role.PARENT: "parent|parent table|parent entity|from|from table|from entity|source|source table|source entity|entity 1|entity a|"
    "entity1|table 1|table a|left|one|one side|父表|主表|源表|源实体|父实体|实体1|实体a|实体 1|实体 a|表1|от|из|родитель|родительская таблица|"
    "부모|부모 테이블|親|親テーブル|de|origem|origen|entidade 1|entidad 1|kaynak|dari|von",
    Role.CHILD: "child|child table|child entity|to|to table|to entity|target|target table|target entity|entity 2|entity b|entity2|"
    "table 2|table b|right|many|many side|related entity|related to|related table|子表|从表|目标表|目标实体|子实体|实体2|实体b|实体 2|实体 b|"
    "表2|关联实体|к|в|дочерняя таблица|потомок|자식|자식 테이블|子|子テーブル|para|destino|entidade 2|entidad 2|hedef|ke|nach|关联表",
    Role.JUNCTION: "join table|junction table|junction|through|through table|pivot table|pivot|link table|bridge table|joining table|"
    "association table|中间表|关联表|连接表|연결 테이블|중간 테이블|中間テーブル|tabela de junção|tabela intermediária|tabla intermedia|"
    "tabla de unión|связующая таблица|промежуточная таблица|ara tablo|tabel pivot|tabel penghubung|verknüpfungstabelle",
    Role.CARDINALITY: "cardinality|relationship|relationship type|relation|relation type|type|multiplicity|关系|关系类型|基数|类型|关联关系|"
    "тип связи|связь|тип|кардинальность|관계|관계 유형|카디널리티|유형|関係|カーディナリティ|種別|relação|relacionamento|cardinalidade|"
    "tipo|relación|ilişki|ilişki tipi|kardinalitas|relasi|beziehung|kardinalität",
    Role.INDEX: "index|index name|indexes|索引|索引名|索引名称|индекс|имя индекса|название индекса|인덱스|인덱스명|インデックス|"
    "インデックス名|索引名|indeks|nama indeks|nama index|índice|nome do índice|nombre del índice|dizin|indeks adı",
    Role.METHOD: "index type|index method|method|type|kind|索引类型|类型|类别|тип|тип индекса|유형|타입|인덱스 유형|인덱스 타입|種類|種別|タイプ|"
    "tipo|tipo de índice|tipe|tip|typ|algorithm",
    Role.NUMBER: "#|no|no.|nr|nr.|№|id|序号|编号|번호|番号|s.no|sl no",
    Role.GROUP: "module|domain|area|group|category|schema|模块|领域|分类|модуль|раздел|모듈|분류|モジュール|分類|módulo|modul|modül|初始化物理表|物理表|physical table",
    Role.TRAP: "parameter|parameters|param|query parameter|argument|arg|header|endpoint|url|path|route|http method|status code|file|files|"
    "file name|filename|directory|folder|command|script|variable|environment variable|env|env var|constant|constants|setting name|config key|"
    "参数|参数名|参数名称|请求参数|接口|文件|文件名|路径|命令|变量|变量名|环境变量|常量|常量名|配置项|параметр|файл|команда|переменная|"
    "константа|путь|파라미터|매개변수|파일|명령어|변수|상수|환경변수|경로|パラメータ|パラメーター|引数|ファイル|コマンド|変数|定数|"
    "parâmetro|parámetro|arquivo|archivo|comando|variável|variable|constante|parametre|dosya|komut|değişken|sabit|berkas|perintah|variabel|"
    "problem|issue|bug|问题|проблема|문제|問題|problema|sorun|masalah|symptom|severity|priority|status|prop|props|"
    "volume|initial volume|rows|row count|size|growth|growth rate|1 year|ttl|retention|frequency|数据量|行数|объем|version|date|author|metric|threshold",
}  # fmt: skip

_BY_WORD: dict[str, frozenset[Role]] = {}
for _role, _line in WORDS.items():
    for _word in _line.split("|"):
        _BY_WORD[_word] = _BY_WORD.get(_word, frozenset()) | {_role}

_PARTS = re.compile(r"\s*(?:[/|&、,，+＋()（）\[\]\n]|\band\b|\bor\b|及|与|和|或)\s*")
_TRIMMED = " \t\xa0*`_:：.!！?？✅🔑📝"


@lru_cache(maxsize=4096)
def roles_of(header: str) -> frozenset[Role]:
    """Return what a header's words may mean; the parts of `Constraints / Default` count together."""
    text = re.sub(r"\s+", " ", header.strip(_TRIMMED).lower())
    if text in _BY_WORD:
        return _BY_WORD[text]
    parts = [part.strip(_TRIMMED) for part in _PARTS.split(text)]
    return frozenset(role for part in parts if part for role in _BY_WORD.get(part, frozenset()))
