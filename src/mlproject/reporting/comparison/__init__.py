"""Several results beside each other: tables and figures."""
