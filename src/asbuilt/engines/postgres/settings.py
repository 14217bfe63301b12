"""What of a database, beside its structure, makes the same statements behave otherwise: version, encoding, collation, settings."""

from asbuilt.engines.base import Session

_DATABASE = """
SELECT pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), current_setting('server_version_num')::int / 10000
FROM pg_database d WHERE d.datname = current_database()
"""
_SETTINGS = """
SELECT name, reset_val FROM pg_settings
WHERE name IN ('TimeZone', 'DateStyle', 'IntervalStyle', 'search_path', 'default_transaction_isolation',
               'default_text_search_config', 'standard_conforming_strings', 'bytea_output')
"""
_EXTENSIONS = "SELECT extname, extversion FROM pg_extension WHERE extname <> 'plpgsql'"
_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


def settings(session: Session) -> dict[str, str]:
    """Return what makes statements behave otherwise in the session's database, by its name in words."""
    encoding, collation, types, provider, locale, major = session.rows(_DATABASE)[0]
    return {
        "server version": str(major),
        "encoding": encoding,
        "collation": collation,
        "character type": types,
        "locale": f"{_PROVIDERS.get(provider, provider)} {locale}".strip(),
        **{f"setting {name}": value for name, value in sorted(session.rows(_SETTINGS))},
        **{f"version of extension {name}": version for name, version in sorted(session.rows(_EXTENSIONS))},
    }
