"""A million people, on paper: what one consolidation takes, from what was measured on thousands of workbooks.

Nothing here was run at that size. What is measured comes from benchmarks/consolidate.py and docs/scale.md; what is
assumed says so. Change a figure, and the table follows.

    python benchmarks/million.py [--smoke] [--people N] [--workers N]
"""

from __future__ import annotations
