"""The accordion, its settings and infotext, and the life of one generation; thin, no maths."""
