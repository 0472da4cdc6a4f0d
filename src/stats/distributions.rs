//! Quantiles of the normal and Student's t distribution, and the upper tail of chi-square.

use super::special::{Fraction, beta_factor, incomplete_beta, incomplete_gamma};

/// The standard normal `p`-quantile: minus infinity at 0, infinity at 1.
///
/// Algorithm AS 241, PPND16 (Wichura, *Applied Statistics* 37, 1988): relative error about 10^-16,
/// two polynomials and no loop, because lognormal times are drawn with it.
///
/// # Panics
///
/// If `p` is outside [0, 1].
#[must_use]
#[inline]
pub fn normal_quantile(p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "{p} is not a probability");
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(r, &CENTRE_OVER) / polynomial(r, &CENTRE_UNDER);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = libm::sqrt(-libm::log(tail));
    let size = if r <= 5.0 {
        polynomial(r - 1.6, &MIDDLE_OVER) / polynomial(r - 1.6, &MIDDLE_UNDER)
    } else {
        polynomial(r - 5.0, &TAIL_OVER) / polynomial(r - 5.0, &TAIL_UNDER)
    };
    if q < 0.0 { -size } else { size }
}

/// The `p`-quantile of Student's t distribution: minus infinity at 0, infinity at 1.
///
/// Closed forms for one and two degrees; Newton's method on the incomplete beta function up to a
/// million (relative error about 10^-13); beyond, the expansion in powers of 1/degrees (Abramowitz
/// and Stegun 26.7.5), whose four terms are exact in double precision there.
///
/// # Panics
///
/// If `p` is outside [0, 1] or there are no degrees of freedom.
#[must_use]
pub fn student_t_quantile(p: f64, degrees: u64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "{p} is not a probability");
    assert!(degrees > 0, "Student's t needs at least one degree of freedom");
    let tail = if p < 0.5 { p } else { 1.0 - p };
    let size = match (tail, degrees) {
        (0.0, _) => f64::INFINITY,
        (0.5, _) => 0.0,
        (_, 1) if tail < 0.25 => 1.0 / libm::tan(std::f64::consts::PI * tail),
        (_, 1) => libm::tan(std::f64::consts::PI * (0.5 - tail)),
        (_, 2) => 2.0 * (0.5 - tail) / libm::sqrt(2.0 * tail * (1.0 - tail)),
        (_, 3..1_000_000) => student_t_upper(tail, degrees as f64),
        _ => student_t_expansion(-normal_quantile(tail), degrees as f64),
    };
    if p < 0.5 { -size } else { size }
}

/// The probability that a chi-square variable with `degrees` degrees of freedom exceeds `x`, the
/// regularised upper incomplete gamma function `Q(degrees/2, x/2)`.
///
/// # Panics
///
/// If `x` is negative or not a number, or there are no degrees of freedom.
#[must_use]
pub fn chi_square_survival(x: f64, degrees: u64) -> f64 {
    assert!(x >= 0.0, "a chi-square statistic of {x}");
    assert!(degrees > 0, "chi-square needs at least one degree of freedom");
    incomplete_gamma(degrees as f64 / 2.0, x / 2.0).upper
}

/// The `t` that is exceeded with probability `tail`, which is inside (0, ½).
///
/// With x = ν/(ν + t²), the probability outside ±t is `I_x(ν/2, ½)`, and t times the density is the
/// leading factor of the same function. Against `ln t`, the logarithms of the probability outside
/// and of the one inside are both concave: Newton's method overshoots at most once. The smaller of
/// the two carries the digits.
fn student_t_upper(tail: f64, degrees: f64) -> f64 {
    let outside = 2.0 * tail;
    let inside = 2.0 * (0.5 - tail);
    let mut t = -normal_quantile(tail);
    for _ in 0..100 {
        let square = t * t;
        let at =
            Fraction { x: degrees / (degrees + square), complement: square / (degrees + square) };
        let tails = incomplete_beta(degrees / 2.0, 0.5, at);
        let slope = 2.0 * beta_factor(degrees / 2.0, 0.5, at);
        let step = if outside < inside {
            libm::log(tails.lower / outside) * tails.lower / slope
        } else {
            -libm::log(tails.upper / inside) * tails.upper / slope
        };
        t *= libm::exp(step);
        // Each step squares the error: after one of 10^-8 nothing but rounding is left.
        if step.abs() <= 1e-8 {
            break;
        }
    }
    t
}

fn student_t_expansion(z: f64, degrees: f64) -> f64 {
    let w = z * z;
    let terms = [
        z,
        z * (w + 1.0) / 4.0,
        z * ((5.0 * w + 16.0) * w + 3.0) / 96.0,
        z * (((3.0 * w + 19.0) * w + 17.0) * w - 15.0) / 384.0,
        z * ((((79.0 * w + 776.0) * w + 1_482.0) * w - 1_920.0) * w - 945.0) / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum / degrees + term)
}

/// Horner's rule, unrolled by the compiler: the constant term comes first.
#[inline]
fn polynomial(r: f64, c: &[f64; 8]) -> f64 {
    ((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0]
}

// The coefficients of AS 241, PPND16, lowest power first, with the digits a double holds.

const CENTRE_OVER: [f64; 8] = [
    3.387_132_872_796_366_5,
    133.141_667_891_784_38,
    1_971.590_950_306_551_3,
    13_731.693_765_509_46,
    45_921.953_931_549_87,
    67_265.770_927_008_7,
    33_430.575_583_588_13,
    2_509.080_928_730_122_7,
];
const CENTRE_UNDER: [f64; 8] = [
    1.0,
    42.313_330_701_600_91,
    687.187_007_492_057_9,
    5_394.196_021_424_751,
    21_213.794_301_586_597,
    39_307.895_800_092_71,
    28_729.085_735_721_943,
    5_226.495_278_852_854,
];
const MIDDLE_OVER: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    0.241_780_725_177_450_6,
    0.022_723_844_989_269_184,
    7.745_450_142_783_414e-4,
];
const MIDDLE_UNDER: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    0.689_767_334_985_1,
    0.148_103_976_427_480_08,
    0.015_198_666_563_616_457,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const TAIL_OVER: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    0.296_560_571_828_504_87,
    0.026_532_189_526_576_124,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const TAIL_UNDER: [f64; 8] = [
    1.0,
    0.599_832_206_555_888,
    0.136_929_880_922_735_8,
    0.014_875_361_290_850_615,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_7e-15,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        let error = (value - expected).abs() / expected.abs();
        assert!(error <= relative, "{value} is not {expected}: relative error {error:e}");
    }

    #[test]
    fn normal_quantiles_agree_with_the_tables() {
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        // To 17 digits from 50-digit arithmetic, in all three ranges of the algorithm.
        let exact = [
            (1e-300, -37.047_096_299_361_2),
            (1e-20, -9.262_340_089_798_407),
            (1e-09, -5.997_807_015_007_686_9),
            (0.001, -3.090_232_306_167_813_5),
            (0.025, -1.959_963_984_540_054_2),
            (0.07, -1.475_791_028_179_170_7),
            (0.3, -0.524_400_512_708_040_8),
            (0.6, 0.253_347_103_135_799_7),
            (0.975, 1.959_963_984_540_053_9),
            (0.999_999, 4.753_424_308_817_088),
        ];
        for (p, expected) in exact {
            close(normal_quantile(p), expected, 1e-15);
        }
    }

    #[test]
    fn student_quantiles_agree_with_the_published_tables() {
        let published = [
            (1, 12.706_204_736),
            (4, 2.776_445_105),
            (9, 2.262_157_163),
            (19, 2.093_024_054),
            (99, 1.984_216_952),
        ];
        for (degrees, expected) in published {
            close(student_t_quantile(0.975, degrees), expected, 3e-10);
            assert_eq!(student_t_quantile(0.5, degrees), 0.0);
            assert_eq!(student_t_quantile(1.0, degrees), f64::INFINITY);
        }
    }

    /// Reference values to 20 digits by integration in 50-digit arithmetic.
    #[test]
    fn student_quantiles_hold_twelve_digits_from_the_centre_to_the_far_tail() {
        let exact = [
            (0.500_000_1, 1, 3.141_592_651_936_300_9e-7),
            (0.6, 1, 0.324_919_696_232_906_25),
            (0.9, 1, 3.077_683_537_175_254),
            (0.975, 1, 12.706_204_736_174_693),
            (0.999_5, 1, 636.619_248_768_789_7),
            (0.999_999_999, 1, 318_309_895.186_209_3),
            (0.500_000_1, 2, 2.828_427_123_257_487_5e-7),
            (0.6, 2, 0.288_675_134_594_812_8),
            (0.9, 2, 1.885_618_083_164_127),
            (0.975, 2, 4.302_652_729_749_462),
            (0.999_5, 2, 31.599_054_576_445_36),
            (0.999_999_999, 2, 22_360.680_057_658_49),
            (0.500_000_1, 3, 2.720_699_044_919_316e-7),
            (0.6, 3, 0.276_670_662_332_689_85),
            (0.9, 3, 1.637_744_353_696_210_3),
            (0.975, 3, 3.182_446_305_283_708),
            (0.999_5, 3, 12.923_978_636_687_964),
            (0.999_999_999, 3, 1_033.109_684_243_275_5),
            (0.500_000_1, 4, 2.666_666_665_263_091e-7),
            (0.6, 4, 0.270_722_294_707_597_36),
            (0.9, 4, 1.533_206_274_058_944),
            (0.975, 4, 2.776_445_105_197_793_5),
            (0.999_5, 4, 8.610_301_581_379_522),
            (0.999_999_999, 4, 234.027_612_060_907_88),
            (0.500_000_1, 9, 2.577_087_722_291_443_8e-7),
            (0.6, 9, 0.260_955_336_473_910_95),
            (0.9, 9, 1.383_028_738_396_632_5),
            (0.975, 9, 2.262_157_162_798_205),
            (0.999_5, 9, 4.780_912_585_931_218),
            (0.999_999_999, 9, 23.729_919_895_030_427),
            (0.500_000_1, 19, 2.539_812_787_733_637_6e-7),
            (0.6, 19, 0.256_922_819_796_154_67),
            (0.9, 19, 1.327_728_209_026_798_5),
            (0.975, 19, 2.093_024_054_408_309),
            (0.999_5, 19, 3.883_405_852_592_131),
            (0.999_999_999, 19, 10.613_521_330_824_417),
            (0.500_000_1, 99, 2.512_966_033_780_946_3e-7),
            (0.6, 99, 0.254_029_012_151_806_7),
            (0.9, 99, 1.290_161_442_034_485_3),
            (0.975, 99, 1.984_216_951_586_417_1),
            (0.999_5, 99, 3.391_528_833_363_684_3),
            (0.999_999_999, 99, 6.605_517_614_995_367),
            (0.500_000_1, 1_000, 2.507_255_008_614_169e-7),
            (0.6, 1_000, 0.253_414_515_839_498_7),
            (0.9, 1_000, 1.282_398_721_460_924_6),
            (0.975, 1_000, 1.962_339_080_826_408),
            (0.999_5, 1_000, 3.300_282_648_423_944),
            (0.999_999_999, 1_000, 6.053_690_276_800_522_9),
            (0.6, 50_000, 0.253_348_451_180_696_3),
            (0.9, 50_000, 1.281_568_497_468_301_4),
            (0.975, 50_000, 1.960_011_431_093_679_7),
            (0.999_5, 50_000, 3.290_721_336_558_825),
            (0.999_999_999, 50_000, 5.998_916_001_044_045),
        ];
        for (p, degrees, expected) in exact {
            close(student_t_quantile(p, degrees), expected, 1e-12);
        }
    }

    #[test]
    fn student_is_symmetric() {
        for degrees in [1, 2, 3, 30, 5_000_000] {
            let (low, high) =
                (student_t_quantile(0.25, degrees), student_t_quantile(0.75, degrees));
            assert_eq!(low, -high);
        }
    }

    #[test]
    fn student_is_continuous_where_the_method_changes() {
        for p in [0.6, 0.975, 0.999_999] {
            let by_newton = student_t_quantile(p, 999_999);
            close(student_t_quantile(p, 1_000_000), by_newton, 1e-10);
            // The expansion is good to its 10^-12 well below the change.
            close(
                student_t_expansion(normal_quantile(p), 100_000.0),
                student_t_quantile(p, 100_000),
                1e-12,
            );
        }
    }

    #[test]
    fn chi_square_tails_agree_with_the_tables() {
        // Two degrees: e^(−x/2).
        close(chi_square_survival(5.991_464_547_107_979, 2), 0.05, 1e-13);
        // To 17 digits from 50-digit arithmetic.
        let exact = [
            (3.841_458_820_694_124, 1, 0.050_000_000_000_000_06),
            (0.1, 1, 0.751_829_634_045_849_2),
            (16.918_977_604_620_448, 9, 0.050_000_000_000_000_03),
            (50.0, 5, 1.385_797_336_700_959_3e-9),
            (30.0, 99, 0.999_999_999_998_335_8),
            (200.0, 99, 8.193_911_891_422_111e-9),
            (1_000.0, 10, 1.870_290_720_915_949_7e-208),
            (10_100.0, 10_000, 0.239_015_325_240_175_1),
        ];
        for (x, degrees, expected) in exact {
            close(chi_square_survival(x, degrees), expected, 2e-12);
        }
        assert_eq!(chi_square_survival(0.0, 9), 1.0);
        assert_eq!(chi_square_survival(f64::INFINITY, 9), 0.0);
    }
}
