"""Text as HTML and XML take it."""
