"""The document's file and the folder for what belongs to it: read, written, and said clearly where that cannot be."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISBLK, S_ISCHR

from asbuilt.errors import AlreadyThere, CannotWrite, DocumentUnreadable


def text_of(path: Path) -> str:
    """Return the document's text; raise `DocumentUnreadable` where that is impossible."""
    data = _bytes_of(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte 0x{data[error.start]:02x} at offset {error.start})"
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            reason, encoding = "it is UTF-16 text, not UTF-8", "UTF-16"
        else:
            encoding = "ENCODING"
        name = shlex.quote(str(path))
        help = f"save it as UTF-8, with your editor or with `iconv -f {encoding} -t UTF-8 {name}`"
        raise DocumentUnreadable(str(path), reason, help=help) from None


def _bytes_of(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if S_ISCHR(mode) or S_ISBLK(mode):
            raise DocumentUnreadable(str(path), "it is a device", help="name a Markdown file")
        return path.read_bytes()
    except FileNotFoundError:
        raise DocumentUnreadable(str(path), "there is no such file", help="check the spelling of the path") from None
    except IsADirectoryError:
        raise DocumentUnreadable(str(path), "it is a folder", help="name the Markdown file in it") from None
    except PermissionError:
        help = "give your user the right to read it (`chmod u+r`, or ask its owner)"
        raise DocumentUnreadable(str(path), "you may not read it", help=help) from None
    except (OSError, ValueError) as error:
        raise DocumentUnreadable(str(path), getattr(error, "strerror", None) or str(error)) from error


def replace_text(path: Path, text: str) -> None:
    """Write a file anew: byte order mark, rights and owner as they were, and never half of it."""
    with writing(path):
        if not os.access(path, os.W_OK):
            raise PermissionError("it is read-only")
        was, had_mark = path.stat(), path.read_bytes().startswith(b"\xef\xbb\xbf")
        replacement = path.with_name(f"{path.name}.asbuilt-new")
        replacement.write_bytes(text.encode("utf-8-sig" if had_mark else "utf-8"))
        replacement.chmod(was.st_mode)
        with suppress(OSError):
            os.chown(replacement, was.st_uid, was.st_gid)
        replacement.replace(path)


def new_file(path: Path, text: str, *, force: bool = False) -> None:
    """Write a file that was not there, or with `force` in place of what was; never half of it."""
    if force and path.is_file():
        replace_text(path.resolve(), text)
        return
    with writing(path):
        draft = path.with_name(f".{path.name}.{os.getpid()}.asbuilt-new")
        try:
            draft.write_text(text, encoding="utf-8")
            path.touch(exist_ok=False)
            draft.replace(path)
        except FileExistsError:
            raise AlreadyThere(str(path)) from None
        finally:
            draft.unlink(missing_ok=True)


def may_be_made(folder: Path) -> bool:
    """Tell whether we may write in `folder`, or make it where it is not there yet."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of what cannot be written where that is, and why."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(str(path), error.strerror or str(error)) from error
