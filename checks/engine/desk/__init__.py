"""The desk: a page that goes along with the lesson, made as the lessons teach it."""
