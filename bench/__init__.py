"""What kling-pipe costs in time, requests and memory, each beside a peer or a floor measured in the same go."""
