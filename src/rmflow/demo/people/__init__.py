"""The people of the demo. They know mail, calendars and spreadsheets, and nothing of rmflow.

A contract in `.importlinter` holds them to it: whatever they do, they do with files as mail and
calendar programs write them.
"""
