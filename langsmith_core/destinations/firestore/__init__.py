"""Firestore as the store of positions."""

from langsmith_core.destinations.firestore.store import opened as opened
from langsmith_core.destinations.firestore.store import status as status
