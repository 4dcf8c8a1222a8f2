"""Products, variants and stock as a table: reading one, judging it row by row, applying it, writing one."""
