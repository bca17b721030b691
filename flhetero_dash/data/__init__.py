"""Read, check and write the files of a federated-learning history."""
