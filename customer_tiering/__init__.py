"""Python that stands beside the SQL: it renders, moves and plots, it decides no tier."""
