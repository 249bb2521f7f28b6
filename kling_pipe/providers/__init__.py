"""One folder per service: adapter (sans-IO), models as data, fake."""
