"""The HTTP edge: subscriptions and their deliveries, for subscribers and operators."""
