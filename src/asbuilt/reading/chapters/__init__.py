"""The chapters around the schema: volumes, caches, security, privacy, backup, monitoring, and the rest."""
