"""The contracts as documents: JSON Schemas, AsyncAPI, and what may change in them."""
