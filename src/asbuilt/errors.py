"""What goes wrong in the world, as exceptions. Problems in a document are diagnostics.

    AsbuiltError
    ├── DocumentUnreadable      the file is missing, a folder, not text, not permitted
    ├── CannotWrite             a file or a folder of ours, or the document itself, cannot be written
    ├── AlreadyThere            a file stands where a new one is to be written
    ├── ServerUnavailable       no server answers, or the embedded one does not start
    ├── ServerRefused           a server answers and says no: rights, version, a statement
    ├── TargetNotEmpty          the database holds something that the document does not own
    ├── TargetBusy              another plan is being carried out there
    ├── GroundMoved             the target is no longer what the plan was made for
    ├── HazardsNotAllowed       a plan has hazards that nobody has allowed
    │   └── DataGone            what a rollback would bring back was purged, and nobody has allowed to go back without it
    ├── PlanDoesNotWork         a plan failed in the scratch database; nothing was changed
    ├── CannotBePlanned         something differs that asbuilt cannot write the statements for
    ├── NothingToDo             there is nothing to report on, stop or verify
    └── PartMissing             an optional part is not installed; says how to install it

`str(error)` says what happened and where; `error.help` says what to do.
"""


class AsbuiltError(Exception):
    """The base of all of them: a message, and what to do about it."""

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class DocumentUnreadable(AsbuiltError):
    """The document could not be read; `path` is the file."""

    def __init__(self, path: str, reason: str, *, help: str = "") -> None:
        super().__init__(f"cannot read {path}: {reason}", help=help)
        self.path = path


class CannotWrite(AsbuiltError):
    """What was to be kept at `path` could not be."""

    def __init__(self, path: str, reason: str) -> None:
        help = "free some space" if "space" in reason else "give your user the right to write there"
        help = "make the folder first, or name another one" if "no folder" in reason else help
        super().__init__(f"cannot write {path}: {reason[:1].lower()}{reason[1:]}", help=help)
        self.path = path


class AlreadyThere(AsbuiltError):
    """A file stands at `path`, and nobody has said that it may be replaced."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} exists already; nothing was written", help="name another file with -o, or replace it with --force"
        )
        self.path = path


class ServerUnavailable(AsbuiltError):
    """No server answers at `where`, or it lets us not in."""

    def __init__(self, where: str, reason: str, *, help: str = "") -> None:
        super().__init__(f"cannot use the server at {where}: {reason}", help=help)
        self.where = where


class ServerRefused(AsbuiltError):
    """The server refused `statement`; `sqlstate` is PostgreSQL's five-letter code.

    `position` is the 0-based character of the statement that it names; `detail`, `hint` and `context` are its own words.
    """

    def __init__(
        self,
        message: str,
        *,
        statement: str = "",
        sqlstate: str = "",
        help: str = "",
        position: int | None = None,
        detail: str = "",
        hint: str = "",
        context: str = "",
    ) -> None:
        super().__init__(message, help=help)
        self.statement = statement
        self.sqlstate = sqlstate
        self.position = position
        self.detail = detail
        self.hint = hint
        self.context = context

    @property
    def lacks_extension(self) -> bool:
        """Tell whether the server refused it for want of an extension that is not installed there."""
        return self.sqlstate == "58P01" or (self.sqlstate == "0A000" and str(self).startswith("extension "))


class TargetNotEmpty(AsbuiltError):
    """The target holds objects already; `objects` names them."""

    def __init__(self, where: str, objects: tuple[str, ...], *, help: str = "") -> None:
        shown = ", ".join(objects[:5]) + (f" and {len(objects) - 5} more" if len(objects) > 5 else "")
        super().__init__(f"{where} is not empty: it holds {shown}", help=help)
        self.objects = objects


class TargetBusy(AsbuiltError):
    """Somebody else carries out a plan on the target; `who` tells what is known of them."""

    def __init__(self, where: str, who: str) -> None:
        super().__init__(f"{where} is being changed by {who}", help="wait until that is done, then try again")
        self.who = who


class CannotBeSeeded(AsbuiltError):
    """The rows that are asked for cannot be, or those of an interrupted run are in the way."""


class GroundMoved(AsbuiltError):
    """The target differs from what the plan was made for."""


class HazardsNotAllowed(AsbuiltError):
    """A plan has hazards that were not allowed; `hazards` are their names, `told` what is at stake, a line each.

    `is_contract`: the plan was carried out up to its contract, which is what has them.
    """

    def __init__(self, hazards: tuple[str, ...], told: tuple[str, ...] = (), *, is_contract: bool = False) -> None:
        options = " ".join(f"--allow {hazard}" for hazard in hazards)
        words = "".join(f"\n- {line}" for line in told)
        what, help = "plan", f"look at `asbuilt plan`; to go on, add {options}"
        if is_contract:
            back = "to keep the old, take the plan back: `asbuilt rollback`"
            what, help = "contract", f"once nobody uses the old: `asbuilt apply --contract {options}`; {back}"
        super().__init__(f"the {what} is not carried out: it has hazards ({', '.join(hazards)}){words}", help=help)
        self.hazards = hazards


class DataGone(HazardsNotAllowed):
    """What a plan kept aside was purged: going back without it has to be allowed by the name of its hazard; `told` says what is gone."""

    def __init__(self, hazard: str, told: tuple[str, ...]) -> None:
        super().__init__((hazard,), told)
        words = "".join(f"\n- {line}" for line in told)
        self.args = (f"nothing was taken back, as not all of its data would come back:{words}",)
        self.help = (
            f"to bring the structure back without it, add --allow {hazard} to `asbuilt rollback`: columns come back with their "
            "default or NULL, tables without rows, and constraints that rows would break are left out"
        )


class PlanDoesNotWork(AsbuiltError):
    """A plan was tried in a scratch database and failed there, on the way up or back: the target was not touched."""


class CannotBePlanned(AsbuiltError):
    """Something has to be made or changed that asbuilt has no statement for; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"no plan can make {what}", help="make it by hand on the target, then plan again")
        self.what = what


class NothingToDo(AsbuiltError):
    """What was asked for does not exist, such as a run to report on."""


class PartMissing(AsbuiltError):
    """An optional part is not installed; `install` is the command that installs it."""

    def __init__(self, part: str, install: str) -> None:
        super().__init__(f"{part} is not installed", help=f"run `{install}`")
        self.install = install
