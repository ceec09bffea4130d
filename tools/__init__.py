"""Programs that make calls: checks, tests, translations, the demo. The site does not import them."""
