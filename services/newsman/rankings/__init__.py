"""Rankings as they are shown: counts, what readers may see, and what editors have said."""
