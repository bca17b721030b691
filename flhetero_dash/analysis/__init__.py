"""Pure functions on arrays: what the views show is computed here."""
