//! Papers and tables as bytes (文书与表格), pure.

use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;

pub mod table;

/// A QR code (二维码) as SVG; empty when the text is too long for one.
pub fn qr_svg(text: &str) -> String {
    QRBuilder::new(text)
        .build()
        .map(|code| SvgBuilder::default().to_str(&code))
        .unwrap_or_default()
}
