"""The cache at work, for asyncio. The synchronous one is derived from it; `waiting.py` and `link.py` have twins of their own."""
