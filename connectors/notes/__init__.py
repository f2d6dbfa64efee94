"""HCL Domino and Notes, over Domino Data Service."""
