"""Schedulers that run the project, one folder each; docs/orchestration.md is the page to read."""
