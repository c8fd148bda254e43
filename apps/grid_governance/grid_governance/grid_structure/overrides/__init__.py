"""What the app changes in foreign DocTypes, one file for each, named after it."""
