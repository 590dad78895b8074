"""From trees to torch modules, and from rows and images to the tensors they take."""
