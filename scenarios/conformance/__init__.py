"""Judges anybody's merchant code by the cases of the failure catalogue. Says what is so; `command.py` alone prints."""
