"""The five steps: observe, plan, apply, record, publish."""
