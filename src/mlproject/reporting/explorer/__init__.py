"""The clusters of a collection as one HTML page that needs no network.

`runs` says what a run is, `claims` what it is worth. `records` turns runs into plain values, and `page` puts these, the
plotly library and the clips into one document.

The rest runs in the browser: `page.html`, `page.css` and the scripts, which share one scope: `store` (what is shown),
`player`, `chart` (maps), `clusters` (cards), `tracks` (details, lists, table) and `page`, which starts them.
"""

from mlproject.reporting.explorer.explored_run import ExploredRun
from mlproject.reporting.explorer.page import explorer_page

__all__ = ["ExploredRun", "explorer_page"]
