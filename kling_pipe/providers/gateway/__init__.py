"""A gateway that speaks the OpenAI form of video and picture calls."""
