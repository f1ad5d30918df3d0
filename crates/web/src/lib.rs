//! HTTP: portal, office, API.
