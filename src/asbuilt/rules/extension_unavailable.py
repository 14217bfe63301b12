"""An extension is not among those of the embedded server.

**Why it matters.** What needs it cannot be built here, and is reported as unknown; your own server may well have it.

**Example.** `CREATE EXTENSION postgis`

**What to do.** Build and verify on a server that has it: `asbuilt up design.md --to postgresql://…`.
"""
