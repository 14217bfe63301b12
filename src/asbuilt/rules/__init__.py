"""What can be wrong with a design: a module each."""
