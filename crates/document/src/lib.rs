//! Papers and tables as bytes (文书与表格), pure.

use fast_qr::QRBuilder;
use fast_qr::convert::svg::SvgBuilder;

pub mod table;

/// A QR code (二维码) as SVG; empty when the text is too long for one.
pub fn qr_svg(text: &str) -> String {
    svg(QRBuilder::new(text))
}

/// A QR code for long texts, up to about 2,900 bytes: more room, less to spare for stains.
pub fn qr_svg_long(text: &str) -> String {
    let mut code = QRBuilder::new(text);
    code.ecl(fast_qr::ECL::L);
    svg(code)
}

fn svg(code: QRBuilder) -> String {
    code.build()
        .map(|code| SvgBuilder::default().to_str(&code))
        .unwrap_or_default()
}
