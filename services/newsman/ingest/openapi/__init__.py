"""The OpenAPI document of ingest, and the page that shows it."""
