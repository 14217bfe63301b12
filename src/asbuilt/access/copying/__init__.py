"""Rows as COPY takes them: made here as bytes, by code that is written for the columns, so that both drivers copy the same."""
