"""The clusters of a collection as one HTML page that needs no network.

`summary` says what a run is worth, `page_data` turns runs into plain values, and `page` puts these, the plotly library
and the clips into one document.

The rest runs in the browser: `page.html`, `page.css` and the scripts, which share one scope: `store` (what is shown),
`player`, `chart` (projections), `clusters` (cards), `tracks` (details, lists, table) and `page`, which starts them.
"""

REPORT = "report.html"  # what the page is called, wherever one is written
