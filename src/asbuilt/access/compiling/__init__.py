"""From the shape of a question to its statement: once a shape, not once a question."""
