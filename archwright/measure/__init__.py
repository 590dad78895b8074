"""What a network scores, weighs and costs."""
