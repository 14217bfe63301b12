"""The cache at work, for threads. The synchronous one is derived from it; `waiting.py` and `link.py` have twins of their own."""
