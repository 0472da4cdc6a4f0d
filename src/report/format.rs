//! stub
/// d
pub fn duration(s: f64) -> String {
    format!("{s:.1} s")
}
/// p
pub fn percent(s: f64) -> String {
    format!("{:.1} %", s * 100.0)
}
