"""What assistants are given: tools and documents, over the Model Context Protocol."""
