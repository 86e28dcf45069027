"""What Streamlit runs for every look at the page: the current version, the language, and the page that was chosen."""

import os
from pathlib import Path

import duckdb
import streamlit as st

from customer_tiering.app import LANGUAGE, PUBLISHED, customer_page, lists_page, what_if_page
from customer_tiering.app.published_copy import Marts, Version, current_version
from customer_tiering.app.show import text_block
from customer_tiering.app.texts import TEXTS, Texts

PAGES = {"customer": customer_page, "lists": lists_page, "what_if": what_if_page}
LANGUAGES = {"en": "English", "zh": "中文"}
LOOK_FOR_A_NEW_VERSION_SECONDS = 20
STYLE = """
<style>
/* Streamlit's bar lies over the page's first 3.75rem. */
.block-container {padding-top: 4rem; max-width: 1400px}
/* A table's own download knows nothing of formulas. */
[data-testid="stElementToolbar"] button[aria-label="Download as CSV"] {display: none}
[data-testid="stMetricValue"] {font-size: 1.5rem}
[data-testid="stMetricLabel"] *, [data-testid="stMetricValue"] * {white-space: normal; overflow-wrap: anywhere}
h3 {font-size: 1.15rem !important; padding-top: .6rem !important}
</style>
"""


def main() -> None:
    st.set_page_config(page_title="Customer tiers 客户分级", layout="wide")
    st.html(STYLE)
    published = Path(os.environ[PUBLISHED])
    with st.sidebar:
        language = _language()
        texts = TEXTS[language]
        st.title(texts["title"])
        page = _page(texts)
    version = current_version(published)
    _watch(published, version)
    if version is None:
        st.info(texts["nothing_published"])
        st.code("dbt build\npython -m customer_tiering publish --database customer_tiering.duckdb --to published")
        return
    with st.sidebar:
        text_block(
            "\n".join(
                (
                    texts["review"].format(date=version.as_of_date),
                    texts["policy"].format(policy=version.policy),
                    texts["published"].format(moment=version.published_at[:16].replace("T", " ")),
                )
            ),
            "white-space:pre-wrap;color:#6b7785;font-size:.85rem",
        )
        currency = version.base_currency or texts["base_currency"]
        st.caption(texts["amounts"].format(currency=currency))
    try:
        marts = Marts(version)
    except duckdb.IOException:
        if version.folder.exists():
            raise
        st.rerun()  # it was pruned since it was looked up, so another one is current
    with marts:
        PAGES[page].show(marts, texts, language)


def _language() -> str:
    started_in = os.environ.get(LANGUAGE, "en")
    st.session_state.setdefault("language", st.query_params.get("language", started_in))
    if st.session_state["language"] not in LANGUAGES:
        st.session_state["language"] = started_in
    # In both languages, so that who cannot read the one finds the other.
    language = st.radio("Language 语言", list(LANGUAGES), format_func=LANGUAGES.get, key="language", horizontal=True)
    st.query_params["language"] = language
    return language


def _page(texts: Texts) -> str:
    if "page" not in st.session_state:
        wanted = st.query_params.get("page")
        st.session_state["page"] = wanted if wanted in PAGES else "customer"
    page = st.radio(texts["page"], list(PAGES), format_func=lambda name: texts[f"page_{name}"], key="page")
    st.query_params["page"] = page
    return page


@st.fragment(run_every=LOOK_FOR_A_NEW_VERSION_SECONDS)
def _watch(published: Path, shown: Version | None) -> None:
    """Look whether another version is current; nothing is opened for that. A page left open follows by itself."""
    if current_version(published) != shown:
        st.rerun(scope="app")


main()
