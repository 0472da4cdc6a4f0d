//! Numbers as people read them: lengths of time, shares, and estimates with no more digits than
//! their intervals support. Charts and the terminal share these, so that a figure looks the same
//! wherever it is met.

/// Stands where there is no number.
pub const NOTHING: &str = "–";

/// Significant digits of a number that comes without an interval.
const DIGITS_WITHOUT_INTERVAL: i32 = 3;

/// Decimals beyond which nothing is printed.
const MAX_DECIMALS: i32 = 9;

/// A length of time by its two largest units: `850 ms`, `4.2 s`, `42 s`, `3 min 20 s`,
/// `2 h 05 min`, `1 d 3 h`. Rounded to the unit that is printed last; a second unit that is 0 is
/// left out. [`NOTHING`] if it is not finite.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.to_owned();
    }
    if seconds < 0.0 {
        return format!("−{}", duration(-seconds));
    }
    // Each bound is where rounding to the unit printed last would carry into the next form.
    if seconds == 0.0 {
        "0 s".to_owned()
    } else if seconds < 0.9995 {
        format!("{} ms", plain(seconds * 1_000.0, 0))
    } else if seconds < 9.95 {
        format!("{} s", trimmed(plain(seconds, 1)))
    } else if seconds < 59.5 {
        format!("{} s", plain(seconds, 0))
    } else if seconds < 3_599.5 {
        two_units(seconds, 60, ("min", "s"), 2)
    } else if seconds < 86_370.0 {
        two_units(seconds / 60.0, 60, ("h", "min"), 2)
    } else if seconds < 100.0 * 86_400.0 {
        two_units(seconds / 3_600.0, 24, ("d", "h"), 1)
    } else {
        format!("{} d", number(seconds / 86_400.0, 0))
    }
}

/// `small` of the smaller unit, `per` of which are one of the larger.
fn two_units(small: f64, per: u64, (larger, smaller): (&str, &str), width: usize) -> String {
    let small = whole(small);
    let (many, few) = (small / per, small % per);
    match few {
        0 => format!("{many} {larger}"),
        _ => format!("{many} {larger} {few:0width$} {smaller}"),
    }
}

/// A share in percent: `44.3 %`. Within a tenth of a percent of either end it has as many decimals
/// as it takes not to read as 0 or 100, which are kept for exactly that: `0.034 %`, `99.996 %`.
/// [`NOTHING`] if it is not finite.
#[must_use]
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NOTHING.to_owned();
    }
    if share < 0.0 {
        return format!("−{}", percent(-share));
    }
    let value = share * 100.0;
    let from_end = value.min((100.0 - value).abs());
    if from_end < 1e-9 {
        return format!("{} %", plain(value, 0));
    }
    let decimals = if from_end < 0.1 { 1 - magnitude(from_end) } else { 1 };
    let digits = plain(value, decimals.min(MAX_DECIMALS));
    format!("{} %", if from_end < 0.1 { trimmed(digits) } else { digits })
}

/// A whole number with its thousands apart: `14,002`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// The value alone, rounded to two significant digits of the half-width of its interval:
/// `12.34` with 12.0 to 12.7 is `12.34`, with 9 to 15 it is `12.3`. Without a whole interval it has
/// three significant digits.
#[must_use]
pub fn rounded(value: f64, low: Option<f64>, high: Option<f64>) -> String {
    number(value, decimals(value, low, high))
}

/// The same as a number, for values that are printed in a form of their own, such as
/// [`duration`].
#[must_use]
pub fn rounded_number(value: f64, low: Option<f64>, high: Option<f64>) -> f64 {
    to_decimals(value, decimals(value, low, high))
}

/// The nearest number with so many decimals; as it is where that is out of reach.
fn to_decimals(value: f64, decimals: i32) -> f64 {
    // Multiplied or divided by a whole power of ten, never by a fraction, which would be inexact.
    let power = libm::pow(10.0, f64::from(decimals.abs()));
    let nearest = if decimals < 0 {
        libm::rint(value / power) * power
    } else {
        libm::rint(value * power) / power
    };
    if nearest.is_finite() { nearest } else { value }
}

/// A value with its interval, all to the digits that the interval supports:
/// `12.34 (12.00 – 12.70)`. The value alone if both ends are unknown; an end that is open reads `…`.
#[must_use]
pub fn with_interval(value: f64, low: Option<f64>, high: Option<f64>) -> String {
    let decimals = decimals(value, low, high);
    let end = |end: Option<f64>| end.map_or("…".to_owned(), |end| number(end, decimals));
    around(number(value, decimals), low, high, end)
}

/// A share in percent with its interval: `44.3 % (43.9 – 44.7 %)`.
#[must_use]
pub fn percent_with_interval(share: f64, low: Option<f64>, high: Option<f64>) -> String {
    let hundredfold = |end: Option<f64>| end.map(|end| end * 100.0);
    let (value, low, high) = (share * 100.0, hundredfold(low), hundredfold(high));
    if low.is_none() && high.is_none() {
        return percent(share);
    }
    let decimals = decimals(value, low, high);
    let end = |end: Option<f64>| end.map_or("…".to_owned(), |end| number(end, decimals));
    format!("{} % ({} – {} %)", number(value, decimals), end(low), end(high))
}

/// A length of time with its interval: `42 s (41 s – 43 s)`.
#[must_use]
pub fn duration_with_interval(seconds: f64, low: Option<f64>, high: Option<f64>) -> String {
    let decimals = decimals(seconds, low, high);
    let as_exact = |seconds| duration(to_decimals(seconds, decimals));
    let end = |end: Option<f64>| end.map_or("…".to_owned(), as_exact);
    around(as_exact(seconds), low, high, end)
}

fn around(
    value: String,
    low: Option<f64>,
    high: Option<f64>,
    end: impl Fn(Option<f64>) -> String,
) -> String {
    if low.is_none() && high.is_none() {
        return value;
    }
    format!("{value} ({} – {})", end(low), end(high))
}

/// After how many decimals an interval ends a value, for tables whose numbers are to stand below
/// each other: two significant digits of the half-width, or three of the value where there is no
/// whole interval. Negative before the decimal point.
#[must_use]
pub fn decimals(value: f64, low: Option<f64>, high: Option<f64>) -> i32 {
    let half_width = match (low, high) {
        (Some(low), Some(high)) => (high - low) / 2.0,
        _ => f64::NAN,
    };
    let decimals = if half_width > 0.0 && half_width.is_finite() {
        1 - magnitude(half_width)
    } else if value != 0.0 && value.is_finite() {
        (DIGITS_WITHOUT_INTERVAL - 1 - magnitude(value)).max(0)
    } else {
        0
    };
    decimals.min(MAX_DECIMALS)
}

/// The power of ten of the first significant digit.
fn magnitude(value: f64) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "powers of ten of finite numbers are within ±324"
    )]
    {
        libm::floor(libm::log10(value.abs())) as i32
    }
}

/// A number to so many decimals, with thousands apart; a negative number of them rounds to tens,
/// hundreds and so on. [`NOTHING`] if it is not finite.
#[must_use]
pub fn number(value: f64, decimals: i32) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let value = if decimals < 0 { to_decimals(value, decimals) } else { value };
    let digits = plain(value, decimals);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", digits.as_str()),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let integer = integer.parse().map_or(integer.to_owned(), count);
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{integer}{point}{fraction}")
}

/// A number to `decimals` places; never `-0`.
fn plain(value: f64, decimals: i32) -> String {
    let places = usize::try_from(decimals).unwrap_or(0);
    let digits = format!("{value:.places$}");
    match digits.strip_prefix('-') {
        Some(zero) if zero.bytes().all(|b| matches!(b, b'0' | b'.')) => zero.to_owned(),
        _ => digits,
    }
}

/// Without zeros at the end of its decimals.
fn trimmed(digits: String) -> String {
    if !digits.contains('.') {
        return digits;
    }
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The nearest whole number from 0 up.
fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast saturates, and negative lengths have been turned round"
    )]
    {
        libm::rint(value) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_show_their_two_largest_units() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.0004, "0 ms"),
            (0.85, "850 ms"),
            (0.9994, "999 ms"),
            (0.9996, "1 s"),
            (1.0, "1 s"),
            (4.24, "4.2 s"),
            (9.94, "9.9 s"),
            (9.96, "10 s"),
            (42.4, "42 s"),
            (59.4, "59 s"),
            (59.6, "1 min"),
            (200.0, "3 min 20 s"),
            (185.2, "3 min 05 s"),
            (3_599.4, "59 min 59 s"),
            (3_599.6, "1 h"),
            (7_500.0, "2 h 05 min"),
            (86_369.0, "23 h 59 min"),
            (86_371.0, "1 d"),
            (97_200.0, "1 d 3 h"),
            (20.0 * 86_400.0, "20 d"),
            (1_234.4 * 86_400.0, "1,234 d"),
            (-200.0, "−3 min 20 s"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn shares_that_are_neither_0_nor_100_do_not_read_so() {
        for (share, text) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.443, "44.3 %"),
            (0.5, "50.0 %"),
            (0.001, "0.1 %"),
            (0.000_34, "0.034 %"),
            (0.000_3, "0.03 %"),
            (0.999_96, "99.996 %"),
            (1.2, "120.0 %"),
            (-0.05, "−5.0 %"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(percent(share), text, "{share}");
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (14_002, "14,002"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(n), text);
        }
    }

    #[test]
    fn a_value_has_the_digits_that_its_interval_supports() {
        // Two significant digits of the half-width: 0.35 → hundredths, 3 → tenths, 500 → tens.
        for (value, low, high, text) in [
            (12.3456, Some(12.0), Some(12.7), "12.35 (12.00 – 12.70)"),
            (12.3456, Some(9.0), Some(15.0), "12.3 (9.0 – 15.0)"),
            (12_345.6, Some(11_845.6), Some(12_845.6), "12,350 (11,850 – 12,850)"),
            (0.123_456, Some(0.1234), Some(0.1235), "0.123456 (0.123400 – 0.123500)"),
            (0.0, Some(0.0), Some(0.003), "0.0000 (0.0000 – 0.0030)"),
            (-1.25, Some(-2.0), Some(-0.5), "−1.25 (−2.00 – −0.50)"),
            (0.25, Some(0.25), Some(0.25), "0.250 (0.250 – 0.250)"),
            (5.0, Some(4.0), None, "5.00 (4.00 – …)"),
            (1_234.5, None, None, "1,234"),
            (0.012_345, None, None, "0.0123"),
            (0.0, None, None, "0"),
        ] {
            assert_eq!(with_interval(value, low, high), text);
        }
        assert_eq!(rounded(12.3456, Some(9.0), Some(15.0)), "12.3");
        assert_eq!(rounded(f64::NAN, None, None), "–");
        assert_eq!(rounded_number(7_523.0, Some(2_123.0), Some(12_923.0)), 7_500.0);
    }

    #[test]
    fn units_stand_beside_values_with_intervals() {
        assert_eq!(
            percent_with_interval(0.443_21, Some(0.439), Some(0.447)),
            "44.32 % (43.90 – 44.70 %)"
        );
        assert_eq!(percent_with_interval(0.443_21, None, None), "44.3 %");
        assert_eq!(duration_with_interval(42.2, Some(41.0), Some(43.4)), "42 s (41 s – 43 s)");
        assert_eq!(duration_with_interval(42.2, Some(41.0), None), "42 s (41 s – …)");
        // Half-width 5,400 s: to hundreds of seconds.
        assert_eq!(
            duration_with_interval(7_523.0, Some(2_123.0), Some(12_923.0)),
            "2 h 05 min (35 min – 3 h 35 min)"
        );
        assert_eq!(duration_with_interval(42.2, None, None), "42 s");
    }
}
