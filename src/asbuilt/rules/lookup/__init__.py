"""How rules look at a design: its keys, its SQL, what is known of a name, how to say it."""
