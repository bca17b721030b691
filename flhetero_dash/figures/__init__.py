"""Arrays and records in, Plotly figures out."""
