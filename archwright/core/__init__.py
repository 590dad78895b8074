"""The nouns: spaces, architectures, objectives, trials, problems. No torch, no files."""
