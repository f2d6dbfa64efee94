"""An independent imitation of the PrestaShop 9.1.4 webservice, for demos and tests.

It is written from recorded exchanges with a real shop and shares no code with the connector, so
that a misunderstanding on one side shows on the other. It starts only through `causeway demo`,
`causeway twin prestashop`, `python -m connectors.prestashop.twin` and tests.
"""
