"""Pages and answers on the signed statements about articles."""
