"""Which style sheets and modules are put together into one file, and in which order (common.bundles)."""

BUNDLES = {
    "css/site.css": [
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        *(
            f"css/components/{name}.css"
            for name in (
                # A component may refine one that stands before it: the order decides between equal selectors.
                *("rail", "button", "form", "person", "tabs", "conversation", "prompt", "note", "table"),
                *("prose", "practice", "card", "strip"),
                *("room", "room-head", "message", "marks", "composer", "search"),
                *("demo", "filters", "fresh", "keep", "news", "welcome"),
            )
        ),
    ],
}
