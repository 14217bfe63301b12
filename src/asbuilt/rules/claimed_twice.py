"""Two readers both took one block for theirs.

**Why it matters.** The first one counts, and what the second one read in it is left out.

**Example.** A table that is at once a field table and a list of indexes.

**What to do.** Give the block a heading or a header of its own that says which of the two it is.
"""
