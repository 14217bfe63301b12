"""What a row has to fulfil, as plain data: read once from what stands and what the document says, then run in the program itself."""
