"""What the stock pages read from people: entries through the grid, and the filters of the lists."""
