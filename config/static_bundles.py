"""The style sheets and modules that are concatenated into one file, in this order (common.bundles)."""

BUNDLES = {
    "css/site.css": [
        "css/tokens.css",
        "css/base.css",
        "css/layout.css",
        "css/print.css",
        *(
            f"css/components/{name}.css"
            for name in (
                # A component may override an earlier one: the order decides between equal selectors.
                *(
                    "rail",
                    "button",
                    "form",
                    "person",
                    "tabs",
                    "space",
                    "conversation",
                    "prompt",
                    "note",
                    "table",
                ),
                *("prose", "practice", "board", "card", "strip", "day", "attach", "attachments"),
                *("room", "room-head", "fold-room", "message", "message-files", "marks", "post-foot"),
                *("composer", "search", "picture", "report"),
                *("demo", "tour", "filters", "fresh", "keep", "news", "courses", "welcome", "today"),
            )
        ),
    ],
    # What any page needs. A module comes after those that it imports, an element after those that it calls.
    "js/site.js": [
        *(
            f"js/lib/{name}.js"
            for name in (
                *("http", "storage", "live", "connected_element", "draft_store", "polling", "reconnect"),
                *("stream_positions", "announce", "ids", "message_files"),
                *("mentions", "mention_list", "quotes", "typed_text"),
            )
        ),
        *(
            f"js/elements/{name}.js"
            for name in (
                *("live-connection", "news-bell", "form-draft", "rich-text", "sign-out", "print-page"),
                *("post-mention",),
                *("live-hour", "live-part", "room-fold", "strip-days", "bar-chat", "post-foot"),
                "picture-gallery",
            )
        ),
    ],
    # What a form with files needs in addition.
    "js/attach.js": [
        *(f"js/lib/{name}.js" for name in ("pictures", "upload")),
        "js/elements/file-attach.js",
    ],
    # The editor, loaded when somebody writes.
    "js/editor.js": [
        *(f"js/lib/{name}.js" for name in ("pasted", "editor_toolbar", "editor_pictures", "editing")),
    ],
    # What the room needs in addition.
    "js/room.js": [
        *(f"js/lib/{name}.js" for name in ("room_part", "message_text", "outbox", "presence")),
        *(
            f"js/elements/{name}.js"
            for name in (
                *("live-room", "room-message", "room-older", "room-composer", "room-files", "room-pending"),
                *("room-outbox", "room-presence", "room-actions", "room-reply", "room-draft", "room-end"),
                "room-mention",
                *("room-quotes", "room-marks", "room-readers", "room-unread", "room-keys", "room-viewport"),
                *("room-search", "room-people"),
            )
        ),
    ],
    # What blurs and crops a picture before it is sent, loaded with the first one (`js/lib/pictures.js`).
    "js/picture-dialog.js": ["js/lib/picture_edits.js", "js/elements/picture-dialog.js"],
}
