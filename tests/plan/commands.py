"""Commands as a user types them."""

from click.testing import CliRunner, Result

from asbuilt.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)
