"""The WebSub hub (W3C Recommendation of 23 January 2018) for the feeds of this site."""
