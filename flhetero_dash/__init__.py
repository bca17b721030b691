"""See where a federated model and a client's own model disagree, and why."""
