//! Papers: QR, XLSX, CSV, printed pages.
