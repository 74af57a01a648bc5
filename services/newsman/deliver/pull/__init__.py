"""Long polling and streams of one subscription: its subscriber fetches what there is."""
