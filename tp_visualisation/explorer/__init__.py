"""The explorer: what a network sees, asked live, in a notebook or in a browser tab of its own.

page        `explore`, and the page: photograph, class, views, what can be kept
session     what the views share, without a widget
worker      one thread that computes, and drops what is no longer wanted
ask, hide, live_rise, fool, dream    the views
language    the page's words, in English and French
"""

from tp_visualisation.explorer.page import Explorer, explore

__all__ = ["Explorer", "explore"]
