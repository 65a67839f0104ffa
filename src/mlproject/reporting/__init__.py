"""Results as pictures, tables and pages, made from their folders. Pictures use matplotlib's `Figure` and no state.

`task`, `evaluation`, `comparison` and `study` draw one kind of result each, `explorer` makes the page of clusters. They
share `style` (palette, frame, labels) and `formatting` (numbers and tables). `terminal` shows a result when a command
has ended, `model_card` describes one in the registry.
"""
