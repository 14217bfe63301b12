"""The models, in an application of their own as Django wants it."""
