//! Official rest days and make-up working days (放假调休), one file a year under `law/calendars/`.

/// Work or rest, by year; a year without data is undetermined.
#[derive(Debug, Clone, Default)]
pub struct Calendar {}
