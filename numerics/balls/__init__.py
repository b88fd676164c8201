"""Ball arithmetic: what is computed here is an enclosure, and what is proved here is proved.

For statements about functions: jet, growth, subdivision, quotient, supremum, remainder.
"""
