"""From the log into the queues: matching, catching up, and recovery after Redis was lost."""
