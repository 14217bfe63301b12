"""A line of a chapter that is read was not understood.

**Why it matters.** What is not understood is neither built nor verified, and nobody would notice.

**Example.** A fence of a language that no reader knows, in the chapter of the schema.

**What to do.** Write it in a form that is read (`docs/reading.md` lists them all), or leave it: it is counted, and the
report shows it.
"""
