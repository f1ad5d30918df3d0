//! Two engines, one SQL.
