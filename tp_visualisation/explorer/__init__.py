"""The explorer: what a network sees, asked live, in a notebook or in a browser tab of its own.

page        `explore`, and the page: photograph, class, views, what can be kept
session     what the views share, without a widget
worker      one thread that computes, and drops what is no longer wanted
ask, hide, live_rise, fool, dream    the views
language    the page's words, in English and French
"""

try:
    import anywidget  # noqa: F401
    import ipywidgets  # noqa: F401
except ImportError as error:
    raise ImportError(
        f'the explorer needs {error.name}, which is not installed: pip install "tp_visualisation[explore]".'
    ) from None

from tp_visualisation.explorer.page import Explorer, explore

__all__ = ["Explorer", "explore"]
