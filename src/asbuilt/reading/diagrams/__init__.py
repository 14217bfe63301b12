"""Diagrams: mermaid, boxes and lines of characters, trees."""
