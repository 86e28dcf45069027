"""Benchmarks: a large made-up company, the least SQL that tiers it, and the project's build measured against it."""
