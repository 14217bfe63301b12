"""Chapters by meaning: which of the chapters a heading opens, in the languages that documents are written in.

A heading's words are looked up, never its whole title: 891 of 920 spellings of headings occur once or twice.
"""

import re
from functools import lru_cache

from asbuilt.evidence import Chapter

C = Chapter
# The first row with a word in the heading decides; narrower meanings stand above wider ones.
WORDS: tuple[tuple[Chapter, str], ...] = (
    (C.CHECKLIST, "checklist next_steps 检查清单 核对 체크리스트 чек-лист チェックリスト"),
    (C.CACHE, "cache caching redis memcached ttl session_store 缓存 快取 캐시 кэш кеш キャッシュ önbellek caché"),
    (C.SEEDING, "seed seeding fixture testing_data test_data sample_data 种子 测试数据 初始化数据 초기_데이터 시드 テストデータ シード semilla datos_de_prueba dados_de_teste тестовые"),
    (C.BACKUP, "backup recovery disaster restore rto rpo 备份 備份 恢复 復原 灾备 백업 복구 резервн восстановлен バックアップ 復旧 リストア respaldo copia_de_seguridad recuperação cópia yedek cadangan sauvegarde datensicherung"),
    (C.PRIVACY, "privacy pii gdpr personal retention erasure consent anonymi classification lgpd ccpa 隐私 隱私 个人信息 個人資料 保留 脱敏 개인정보 보존 персональн хранени プライバシー 個人情報 保持 privacidad privacidade retención retenção gizlilik privasi confidentialité datenschutz"),
    (C.MONITORING, "monitor observability metric alert health maintenance slow_query vacuum capacity 监控 監控 告警 运维 维护 指标 모니터링 유지보수 мониторинг обслуживан 監視 メンテナンス monitoreo monitoramento izleme pemantauan"),
    (C.MIGRATION, "migration migrate rollback versioning version_management environment change_log changelog revision_history version_history 迁移 遷移 回滚 版本 变更 마이그레이션 변경_이력 миграц マイグレーション 移行 変更履歴 migración migração taşıma göç migrasi"),
    (C.FLOW, "data_flow data_source synchroni integration transformation import export webhook real-time pipeline 数据流 同步 集成 導入 데이터_흐름 동기화 поток синхрониз データフロー 連携 flujo fluxo"),
    (C.FILES, "file_storage file_management upload storage_pattern bucket 文件存储 对象存储 파일 файл ファイル almacenamiento_de_archivos"),
    (C.SECURITY, "security encryption access_control rls row_level row-level role permission policy policies authentication authoriz authoris oauth masking 安全 加密 权限 보안 권한 безопасн права セキュリティ 権限 seguridad segurança güvenlik keamanan sécurité sicherheit"),
    (C.VOLUME, "query_pattern index indexes indexing query_optimization query_performance performance optimization volume partition scaling sharding projection denormali queries 索引 性能 效能 优化 分区 分區 查询 查詢 容量 인덱스 성능 쿼리 индекс производительн запрос インデックス 性能 クエリ パーティション índice indices rendimiento desempenho consultas dizin performans indeks requête abfrage"),
    (C.ACCESS, "data_access access_pattern crud loading input_validation repository api_pattern 数据访问 資料存取 데이터_접근 доступ_к_данным データアクセス acceso_a_datos acesso_a_dados"),
    (C.INTEGRITY, "integrity constraint validation_rule validation business_rule audit referential uniqueness check_constraint foreign_key trigger 约束 約束 完整性 校验 审计 业务规则 제약 무결성 감사 ограничен целостност 制約 整合性 監査 restriccion integridad restriç kısıt batasan contrainte"),
    (C.ENTITIES, "entity entities table tables schema model models field fields column columns relationship enum enums constants erd diagram types collection definition 表 实体 實體 資料模型 数据模型 数据库设计 字段 枚举 关系 模型 테이블 엔티티 스키마 관계 컬럼 таблиц сущност схема модел связ テーブル エンティティ スキーマ 関係 カラム tabla tablas entidad relacion tabela entidade relacionamento tablo varlık ilişki tabel entitas skema entité tabelle"),
    (C.OVERVIEW, "overview purpose scope introduction stack technology architecture status document_info strategy 概述 概览 简介 技术栈 架构 文档信息 개요 소개 обзор введение 概要 はじめに resumen introducción visão_geral introdução genel bakış ringkasan"),
)  # fmt: skip

_PLANNED = re.compile(
    r"\b(future|planned|roadmap|not (?:yet )?in migrations?|not (?:yet )?implemented|upcoming|phase [2-9]|backlog|later|wish ?list)\b"
    r"|未来|规划中|计划中|后续规划|待实现|향후|예정|будущ|планируется|将来|今後|futur[oa]|próxim",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:\b(?:database|schema|data[\s-]?model)(?:\s+(?:schema|design|model))?|数据库|数据模型|資料庫|데이터베이스|데이터\s?모델|データベース|データモデル"
    r"|баз\w\s+данных|banco\s+de\s+dados|base\s+de\s+datos|modelo\s+de\s+dat?dos)(?:设计|設計|설계)?\s*(?:(?:and|und|e|y|и)\s|[&+与與和及、과와と])",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[\s/&,，、()（）:：·—–]+")


@lru_cache(maxsize=4096)
def chapter_named(heading: str) -> Chapter | None:
    """Return the chapter that a heading's words mean, or None where they mean none."""
    text = "_".join(part for part in _SPLIT.split(heading.lower()) if part)
    for chapter, patterns in _COMPILED:
        if patterns.search(text):
            return chapter
    return None


def names_the_whole(title: str) -> bool:
    """Tell whether a document's title joins its data with something else (`Database and Cache Design`), and so opens no chapter."""
    return _WHOLE.search(title) is not None


@lru_cache(maxsize=4096)
def speaks_of_the_future(heading: str) -> bool:
    """Tell whether a heading says that its section is not there yet."""
    return bool(_PLANNED.search(heading))


def _pattern(words: str) -> re.Pattern[str]:
    """One pattern for a row: ASCII words start at a word's start (`index` in `indexing`), others stand anywhere."""
    ascii_words = [re.escape(w) for w in words.split() if w.isascii()]
    others = [re.escape(w) for w in words.split() if not w.isascii()]
    return re.compile("|".join([rf"(?:^|_)(?:{'|'.join(ascii_words)})", *others]))


_COMPILED = tuple((chapter, _pattern(words)) for chapter, words in WORDS)
