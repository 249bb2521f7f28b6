"""What reaches what: every field of Kling's API and every option of five documents, as data and as tests."""
