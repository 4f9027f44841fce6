"""The Firestore store: it holds the position."""
