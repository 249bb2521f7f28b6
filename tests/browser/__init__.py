"""Pages in a real browser: `make browser` opens what `diff --sheet` writes in headless Chromium."""
