"""The ledger: who was sent which version of an article, and who has it."""
