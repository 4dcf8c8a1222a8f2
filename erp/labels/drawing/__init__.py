"""From the words of a label to its shapes (layout), and from shapes to a PDF or a picture."""
