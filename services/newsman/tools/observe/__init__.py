"""`newsman observe`: an installation watched from outside, for Prometheus and for the newsdesk."""
