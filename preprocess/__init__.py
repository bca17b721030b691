"""Command line of the dashboard: `python -m preprocess COMMAND`."""
