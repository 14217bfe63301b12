"""Code that is not SQL: host languages, ORMs, document stores, examples, configuration."""
