"""What tests/test_fuzz.py sends: `corpus` are the values, `targets` every page and form they are sent to."""
