"""What the tiers of the cache tell each other. It never reaches a program: where Redis fails, the database answers."""


class Lost(Exception):
    """Redis cannot be used now; `is_silent`: it did not say so, it said nothing in time."""

    def __init__(self, reason: str, *, is_silent: bool = False) -> None:
        super().__init__(reason)
        self.is_silent = is_silent
