"""Lists and plain text about the schema: fields, keys, relationships, indexes, rules about all tables."""
