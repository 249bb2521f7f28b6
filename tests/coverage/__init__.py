"""What reaches what: every endpoint and field of Kling's API and every option of five documents, as data and as tests."""
