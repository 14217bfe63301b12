"""What data access does, each as a function of an open `Data` with an empty blog. Written once, run both ways."""
