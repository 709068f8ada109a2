"""The box for other sites: one script that puts a question and its answer into their pages."""
