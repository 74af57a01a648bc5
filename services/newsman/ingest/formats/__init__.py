"""One file per input format, each ending in drafts of articles."""
