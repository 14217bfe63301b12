"""Data access: what a document describes, used by an application. Typed rows, one statement a question, no object layer in between."""
