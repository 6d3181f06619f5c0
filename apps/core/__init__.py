"""Pagination, errors, JSON, events, routing and permissions' base: no tables, no business."""
