"""Names of articles, people, newsrooms, languages and sections, and their spellings."""
