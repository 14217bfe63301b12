"""YAML that configures something, and code that is no part of the design: what a deployment says of the database's environments."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.chapters import Property
from asbuilt.model.entities import EntityMention, FieldMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import is_known
from asbuilt.reading.code.entity_names import is_entity_name
from asbuilt.reading.code.host_types import sql_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.yaml_lines import Node, parse
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.pieces import is_identifier
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_DEPLOYMENT = re.compile(
    r"^[ \t]*(?:apiVersion|kind|services|scrape_configs|global|groups|jobs|stages|on|steps|rule_files|alerting|receivers|route|version|"
    r"provider|resources|Resources|AWSTemplateFormatVersion|terraform|hosts|tasks|volumes|networks|openapi|swagger|paths|pipelines?)\s*:",
    re.MULTILINE,
)
_ENVIRONMENTS = frozenset(
    {"development", "dev", "staging", "stage", "production", "prod", "test", "testing", "local", "qa", "uat", "preview"}
)
_CODE = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "terminal", "powershell", "ps1", "cmd", "bat", "dockerfile", "docker", "nginx", "http", "apache", "toml",
     "ini", "env", "dotenv", "properties", "conf", "config", "hcl", "terraform", "tf", "makefile", "make", "diff", "html", "css", "scss", "xml",
     "graphql", "gql", "proto", "protobuf", "c", "cpp", "c++", "scala", "elixir", "ex", "erlang", "haskell", "lua", "perl", "r", "groovy", "gradle",
     "vue", "svelte", "jinja", "promql", "logql", "cron", "crontab", "caddyfile", "vim", "regex", "latex", "csv", "tsv", "curl", "ocaml", "fsharp",
     "clojure", "nix", "puppet", "yara", "rego", "haproxy", "systemd", "log", "logs", "tree", "dart_code", "cypher", "prolog", "kql", "spl"}
)  # fmt: skip


def read_yaml(block: Block, context: Context) -> Reading | None:
    """Read environments and entities from YAML; deployments and whatever else configures something are prose.

    Example: `production:` with `pool: 20` below it is a property of that environment.
    """
    if language_of(block) != Language.YAML or not isinstance(block, Fence):
        return None
    if _DEPLOYMENT.search(block.body.text):
        return Reading(prose=(block.span,))
    root = parse(block.body)
    facts: tuple[Fact, ...] = (*_environments(root, context), *_entities(root, context))
    return Reading(tuple(sorted(facts, key=lambda f: f.span)), prose=(block.span,))


def _environments(node: Node, context: Context) -> Iterator[Property]:
    """Yield what each environment is given: `production.pool` with its value."""
    for child in node.children:
        if child.word in _ENVIRONMENTS:
            yield from (p for leaf in child.children for p in _settings(leaf, child.key, context))
        elif child.word in ("environments", "databases", "database", "environment"):
            yield from _environments(child, context)


def _settings(node: Node, environment: Excerpt | None, context: Context) -> Iterator[Property]:
    for leaf in node.walk():
        if (
            leaf.key is not None
            and leaf.value is not None
            and environment is not None
            and not is_placeholder(leaf.text)
        ):
            yield Property(
                span=leaf.line,
                form=Form.YAML,
                chapter=context.chapter,
                key=f"{environment.text}.{leaf.key.text}",
                value=leaf.text,
                value_span=leaf.value.span(),
            )


def _entities(node: Node, context: Context, depth: int = 0) -> Iterator[EntityMention]:
    """Yield mappings whose values are types: `users:` with `id: uuid` and `email: varchar(255)` below it."""
    for child in node.children:
        listed = child.child("fields", "columns", "attributes", "properties")
        fields = tuple(f for leaf in (listed or child).children if (f := _field(leaf)) is not None)
        typed = [f for f in fields if f.type is not None]
        key = child.key
        if (
            key is not None
            and is_identifier(key.text)
            and is_entity_name(key.text)
            and len(typed) > 1
            and len(typed) * 2 > len((listed or child).children)
        ):
            yield EntityMention(
                span=child.span,
                form=Form.YAML,
                name=key.text,
                name_span=key.span(),
                fields=fields,
                is_complete=True,
                is_planned=context.is_planned,
                store=context.store,
            )
        elif depth < 4:
            yield from _entities(child, context, depth + 1)


def _field(node: Node) -> FieldMention | None:
    """`email: varchar(255)  # unique`, or `email:` with `type: varchar` below it."""
    name = node.key
    kind = node.child("type")
    value = kind.value if kind is not None else node.value
    if name is None and node.child("name") is not None:
        name = (node.child("name") or node).value
    if name is None or not is_identifier(name.text):
        return None
    word = re.match(r"[A-Za-z]\w*(?:\s*\([\d, ]+\))?(?:\[\])?", value.text) if value else None
    found = sql_type(word[0]) if word and value and (is_known(word[0]) or kind is not None) else None
    note = (
        value.cut(word.end(), len(value.text)).strip()
        if word and value and word.end() < len(value.text)
        else node.comment
    )
    plain = FieldMention(
        span=node.span,
        form=Form.YAML,
        name=name.text,
        name_span=name.span(),
        type=Stated(found, value.cut(*word.span()).span()) if found and word and value else None,
    )
    return with_remark(plain, note)


def read_application_code(block: Block, context: Context) -> Reading | None:
    """Take a fence in a language that states nothing of the design for prose: commands, configuration, markup.

    Example: `npm run migrate` in a `bash` fence.
    """
    if isinstance(block, Fence) and block.language in _CODE:
        return Reading(prose=(block.span,))
    return None
