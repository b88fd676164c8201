"""Measurements, run by hand: `python -m benchmarks.flow`, `python -m benchmarks.width`,
`python -m benchmarks.hessian`, `python -m benchmarks.sweep`. Nothing else imports them."""
