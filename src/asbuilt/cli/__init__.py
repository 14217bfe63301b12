"""The command line. Exit codes: 0 fine, 1 findings or broken claims, 2 could not run."""

from asbuilt.cli.commands import main
from asbuilt.cli.starting import init

main.add_command(init)

__all__ = ["main"]
