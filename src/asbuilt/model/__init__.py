"""What documents state, as frozen facts. No I/O."""
