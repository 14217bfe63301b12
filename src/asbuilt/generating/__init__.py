"""Programs written from a schema: values in, source out."""
