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
    # Plain modules. One comes after those that it imports.
    "js/lib.js": [
        f"js/lib/{name}.js"
        for name in (
            *("http", "storage", "live", "connected_element", "room_part"),
            *("draft_store", "mentions", "message_text", "outbox", "polling", "presence", "reconnect"),
            "stream_positions",
        )
    ],
    # The elements of any page. An element comes after those that it calls while it is connected.
    "js/site.js": [
        f"js/elements/{name}.js"
        for name in ("live-connection", "news-bell", "form-draft", "sign-out", "room-fold")
    ],
    "js/room.js": [
        f"js/elements/{name}.js"
        for name in (
            *("live-room", "room-message", "room-older", "room-composer", "room-pending", "room-outbox"),
            *("room-presence", "room-actions", "room-reply", "room-draft", "room-end", "room-mention"),
            *("room-quotes", "room-marks", "room-readers", "room-unread", "room-keys", "room-viewport"),
            "room-search",
        )
    ],
}
