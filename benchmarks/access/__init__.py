"""An application's reads and writes through asbuilt, beside bare drivers and the ORMs that a team would take instead."""

from benchmarks.measuring import Figure


def run() -> list[Figure]:
    from benchmarks.access import blog, charts, keeping, measuring, throughput

    with blog.filled() as url:
        found = measuring.measured(url)
        shared = [*throughput.run(url), *keeping.run(url)]
    charts.draw(found)
    return [*measuring.figures(found), *shared]
