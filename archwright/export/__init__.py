"""From a trained network to a folder that works where archwright is not installed."""
