"""Every example request of five public documents, as a step and as the request that it must become."""
