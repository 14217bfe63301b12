"""The pages of findings that are not made by a rule: readers and the trial make them while they work."""

from types import ModuleType

_MODULES: tuple[ModuleType, ...] = ()

PAGES: dict[str, str] = {module.__name__.rpartition(".")[2]: (module.__doc__ or "").strip() for module in _MODULES}
