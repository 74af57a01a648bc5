"""`newsman simulate`: newsrooms and readers as they behave, and a ledger of what they were told."""
