"""Measurements, run by hand: `python -m benchmarks.flow`, `python -m benchmarks.width`. Nothing else imports them."""
