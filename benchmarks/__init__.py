"""What is fast, measured: `make bench` runs all of it, `make bench-NAME` one."""
