"""What make calls: checks, tests, translations, the demo. Nothing of it is needed to run the site."""
