"""What is not Dash: image routes, headers, health."""
