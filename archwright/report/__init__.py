"""What a run found out, in words, numbers and one HTML file. Knows no torch and no search."""
