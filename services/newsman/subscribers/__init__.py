"""Who subscribes: the compacted logs of subscribers and subscriptions in memory, and tokens."""
