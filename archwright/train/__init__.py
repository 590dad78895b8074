"""How one network is trained: the recipe, the loop, the fastest way on this machine."""
