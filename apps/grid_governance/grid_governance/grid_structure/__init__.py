"""The grid tree, its levels, the posts in it and the people who hold them. Knows no other room."""
