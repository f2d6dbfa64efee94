"""The Domino REST API, as far as its published OpenAPI file and documentation say (reference, 15
[D]); what they leave open is marked [U]."""
