"""Methods: functions that fill a study."""
