"""Words and their meaning: types, conditions, cardinalities, quantities, placeholders. Text in, values out."""
