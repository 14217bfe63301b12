"""What reads and writes take beside asyncpg alone, drawn as bars: one picture for wall time, one for processor time."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.access.measuring import BARE, PEERS, TASKS, Measured, ratio

FOLDER = Path(__file__).parents[2] / "docs" / "charts"
_COLOURS = ("#0b6e4f", "#b9c4c9", "#94a3ab", "#d9a441", "#c9785d", "#8f5a83", "#5c5f8d")


def draw(found: Sequence[Measured]) -> None:
    """Write both pictures."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "asbuilt", "font.size": 9})
    for kind in ("wall", "processor"):
        _picture(found, kind, FOLDER / f"access-{kind}.svg")


def _picture(found: Sequence[Measured], kind: str, path: Path) -> None:
    from matplotlib import pyplot

    by = {(one.task.work, one.peer): getattr(one, kind) for one in found}
    figure, axes = pyplot.subplots(2, 3, figsize=(11, 5.4), layout="constrained")
    for place, task in zip(axes.flat, TASKS, strict=True):
        ratios = [ratio(by[task.work, peer], by[task.work, BARE]) for peer in PEERS]
        bars = place.barh(list(PEERS), ratios, color=_COLOURS)
        place.bar_label(bars, [f"{one:.2f}" for one in ratios], padding=3)
        place.axvline(1, color="#444", linewidth=0.8)
        place.set(title=task.title, xlim=(0, max(ratios) * 1.18))
        place.invert_yaxis()
        place.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{'Wall' if kind == 'wall' else 'Processor'} time of the application, asyncpg alone = 1")
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
