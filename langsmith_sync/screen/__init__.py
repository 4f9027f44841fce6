"""What a terminal shows while a sync runs: figures, their sources, and the two ways to draw them."""
