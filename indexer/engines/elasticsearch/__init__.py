"""The engine on Elasticsearch: for shops that outgrow one machine."""
