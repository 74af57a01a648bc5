"""Finding the article that an identifier names."""
