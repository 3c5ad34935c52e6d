"""The API reference for people: `openapi.yaml` as a page. What it says stands in the document, none of it here."""
