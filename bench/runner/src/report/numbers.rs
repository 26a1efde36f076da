//! Numbers as people read them.

/// Instructions: `12.3`, `1,234`, `13.4 M`.
#[must_use]
pub fn instructions(number: f64) -> String {
    if number.abs() >= 9_999_999.5 {
        return format!("{:.1} M", number / 1e6);
    }
    if number.abs() < 99.95 {
        return format!("{number:.1}");
    }
    whole(number)
}

/// Bytes: `25.6`, `1,934`.
#[must_use]
pub fn bytes(number: f64) -> String {
    if number < 999.95 { format!("{number:.1}") } else { whole(number) }
}

/// Formats a number with a comma after each thousand.
#[must_use]
pub fn whole(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if number <= -0.5 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(instructions(12.34), "12.3");
        assert_eq!(instructions(999.6), "1,000");
        assert_eq!(instructions(1_234_567.0), "1,234,567");
        assert_eq!(instructions(13_400_000.0), "13.4 M");
        assert_eq!(instructions(-2_500.0), "-2,500");
        assert_eq!(bytes(1_933.3), "1,933");
    }
}
