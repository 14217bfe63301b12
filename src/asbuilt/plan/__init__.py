"""From what stands to what is written: what differs, in which order to change it, how to go back."""
