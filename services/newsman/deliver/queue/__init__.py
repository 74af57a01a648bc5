"""The queues in Redis: one of each subscription, of references to what it is to be told of."""
