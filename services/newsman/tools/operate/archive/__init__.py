"""The folder of a backup: the log's records, what Redis alone holds, sources and assets."""
