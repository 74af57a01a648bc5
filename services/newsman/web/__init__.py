"""HTTP servers: one way to make them, with bounds for whatever strangers send."""
