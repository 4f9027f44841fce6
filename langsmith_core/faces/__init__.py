"""The faces: what triggers a sync, what it answers, and where its rows and position go."""
