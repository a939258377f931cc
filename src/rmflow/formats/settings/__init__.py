"""The TOML files that people edit: parsed, checked, explained."""
