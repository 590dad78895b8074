"""Search spaces: compositions of nodes, one file each, with a portfolio of good starts."""
