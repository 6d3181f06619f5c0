"""What the data manager page is made of: its state in the address, filters in words, columns, cells, actions."""
