"""What differs between two revisions of a document, for people at a terminal and for those who review a pull request."""

from collections.abc import Iterator, Sequence

from asbuilt.plan.contrast import Contrast, grouped
from asbuilt.plan.steps import Plan, PossibleRename
from asbuilt.report.numbers import plural

Found = Sequence[tuple[Contrast, str]]
"""What differs, each with its place in the document."""


def text(found: Found, made: Plan) -> str:
    """What differs, a line each, with its place."""
    if not found:
        return f"no difference: {made.server} and {made.document} describe the same database"
    listed = [f"{_told(one, str(one.item)).replace('`', '')}{f'  {place}' if place else ''}" for one, place in found]
    asked = [f"question: {q.question} ({', '.join(q.evidence)}); say so: {q.wording}" for q in made.questions]
    return "\n".join([*listed, *asked])


def markdown(found: Found, made: Plan) -> str:
    """The same for a pull request: by table, the statements that lead there folded away below it."""
    if not found:
        return "The described database stays as it is."
    head = f"**{plural(len(found), 'change')} of the database**"
    statements = [f"{sql};" for step in made.steps for operation in step.operations for sql in operation.statements]
    folded = ["<details><summary>SQL that leads there</summary>", "", "```sql", *statements, "```", "", "</details>"]
    return "\n".join([head, "", *_listed(found), *map(_asked, made.questions), "", *folded])


def _listed(found: Found) -> Iterator[str]:
    for table, group in grouped(found):
        is_whole = table and group[0][0].item.kind == "table" and group[0][0].verb in ("added", "dropped")
        if table and not is_whole:
            yield f"- table `{table}`"
        for one, place in group:
            indent = "  " if table and not is_whole else ""
            name = f"{one.item.kind} `{one.item.name}`" if not (table and one.item.kind == "table" and indent) else ""
            yield f"{indent}- {_told(one, name)}{_where(one, place)}"


def _told(one: Contrast, name: str) -> str:
    how = f": {', '.join(one.told)}" if one.told and one.verb != "renamed" else f" {one.told[0]}" if one.told else ""
    return f"{name} {one.verb}{how}".strip()


def _where(one: Contrast, place: str) -> str:
    line = place.rpartition(":")[2]
    return f" ({'was ' if one.verb == 'dropped' else ''}line {line})" if place else ""


def _asked(asked: PossibleRename) -> str:
    return f"- *{asked.question}* ({', '.join(asked.evidence)}); if it is, say so: {asked.wording}"
