"""Claims, and the evidence for them."""
