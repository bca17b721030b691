"""How the tables of the notes came to be, step by step; Alembic runs what is missing."""
