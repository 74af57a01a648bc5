"""Who subscribes to what: a view of two compacted logs in every process, and writing them."""
