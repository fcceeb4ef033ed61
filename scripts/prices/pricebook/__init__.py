"""Makes the price book `crates/catalog/prices/book.tsv` out of price lists that others publish.

wheels    fetches the pinned packages and checks them
litellm   reads LiteLLM's list, modelsdev that of models.dev, each into a Snapshot
history   puts snapshots in order into rows with dates
dates     puts the days of changes in the place of those of releases
corrections   what is known better than upstream has it
lint      what can't be right, and what looks wrong
book      writes the rows, review and notice tell people about them
"""
