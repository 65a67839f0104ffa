"""Results as pictures, tables and files. Pictures use matplotlib's `Figure` objects and no state of their own.

`figures` draws all figures of one task, each with the help of a module for its kind: `maps` (t-SNE, UMAP), `spectra`
(MFCC images), `metrics` (bars, loss) and `partitions` (genres by cluster). They share `subject` (what every figure says
about the task) and `style` (palette, frame, labels).

`outputs` writes the files of a task, `leaderboard` compares tasks, `terminal` shows one when it has ended.
"""
