"""How much there will be, what that makes of the stated queries, and how much room it takes."""
