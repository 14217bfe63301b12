"""The command line. Exit codes: 0 fine, 1 findings or broken claims, 2 could not run."""

from asbuilt.cli import changing, forecasting, generating, maintaining, rehearsing, seeding, starting
from asbuilt.cli.commands import main

for command in (
    *changing.COMMANDS,
    *forecasting.COMMANDS,
    *maintaining.COMMANDS,
    *rehearsing.COMMANDS,
    *seeding.COMMANDS,
    starting.init,
    generating.generate,
):
    main.add_command(command)

__all__ = ["main"]
