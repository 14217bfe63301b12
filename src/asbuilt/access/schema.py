"""What data access knows of a database: plain values, made from a document and what stands (`deriving.py`), or generated as code.

Names of columns are the database's; `attribute` is what a program writes.
"""

from functools import cached_property

from msgspec import Struct

from asbuilt.access.checks.trees import Check, Value


class Column(Struct, frozen=True):
    """A column. `type` is the server's canonical name (`character varying(255)`), `values` the labels of its enumeration.

    `is_given`: an insert has to say it; `is_written`: a program may write it at all; `is_amended`: a trigger may write it
    before it is checked. `default` is what the server fills in, where that is a constant; NULL is one. `line` is the
    document's, 0 where none.
    """

    name: str
    attribute: str
    type: str
    is_nullable: bool = False
    is_given: bool = False
    is_written: bool = True
    is_amended: bool = False
    default: Value | None = None
    values: tuple[str, ...] = ()
    line: int = 0


class Relation(Struct, frozen=True):
    """A way from a table to another: the columns here and there that are equal, in pairs.

    `through` is the table between of a many-to-many: its name, the pairs that lead into it, and `pairs` those that lead out.
    """

    name: str
    target: str
    is_many: bool
    pairs: tuple[tuple[str, str], ...]
    is_optional: bool = False
    through: str | None = None
    into: tuple[tuple[str, str], ...] = ()


class Constraint(Struct, frozen=True):
    """A constraint as the server names it. `kind`: primary key, unique, check, foreign key, exclusion, not null.

    `target` is the table that a foreign key refers to.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str = ""
    line: int = 0
    target: str = ""


class Search(Struct, frozen=True):
    """How a table is searched: the indexed expression (`search`, `to_tsvector('english', title)`) and its configuration."""

    expression: str
    configuration: str = "english"


class Table(Struct, frozen=True, dict=True):
    """A table. `entity` names the type of its rows, `accessor` what a program calls it.

    `deleted` is the column that marks a row as deleted, `version` the one that counts its changes; None where there is none.
    """

    name: str
    accessor: str
    entity: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    relations: tuple[Relation, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    checks: tuple[Check, ...] = ()
    search: Search | None = None
    deleted: str | None = None
    version: str | None = None
    line: int = 0

    @cached_property
    def by_attribute(self) -> dict[str, Column]:
        return {column.attribute: column for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def by_relation(self) -> dict[str, Relation]:
        return {relation.name: relation for relation in self.relations}


class Schema(Struct, frozen=True, dict=True):
    """All tables of a document. `digest` changes with whatever the shape of the rows depends on."""

    tables: tuple[Table, ...]
    document: str = ""
    digest: str = ""

    @cached_property
    def by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    @cached_property
    def by_accessor(self) -> dict[str, Table]:
        return {table.accessor: table for table in self.tables}
