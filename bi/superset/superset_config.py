"""Superset's settings, beside what `start.py` puts into the environment (SUPERSET_HOME, SUPERSET_SECRET_KEY)."""

import logging
import os
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

LOG_LEVEL = logging.ERROR  # its warnings are about its own code
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "Chinese"}}

# The page loads nothing from other hosts. Superset's default allows maps, fonts and a counter of its users, which is
# built into the page and which nothing else turns off.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}

# What the bundle's database calls itself, and where it is on this machine.
IN_THE_BUNDLE = "published/current/marts.duckdb"
PUBLISHED = Path(os.environ["CUSTOMER_TIERING_PUBLISHED"])


def DB_CONNECTION_MUTATOR(uri: URL, parameters: dict[str, Any], *_: Any) -> tuple[URL, dict[str, Any]]:
    """Lead every connection to the version that is current now.

    Superset opens one for each query and closes it again, so it holds no version, and a publish needs no word to it.
    """
    if uri.drivername == "duckdb" and uri.database == IN_THE_BUNDLE:
        uri = uri.set(database=str((PUBLISHED / "current").resolve() / "marts.duckdb"))
    return uri, parameters
