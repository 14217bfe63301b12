"""Tables about the schema: fields, entities, keys, relationships, indexes, values."""
