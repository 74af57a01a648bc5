"""The newsroom's own names in an article: found by their spellings, before everything else."""
