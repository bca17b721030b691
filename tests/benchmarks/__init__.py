"""How fast the dashboard's operations are, against others and against floors: `make bench`."""
