//! The colours of all figures, by what they stand for.
//!
//! In a picture of bytes the hue is the layer, in a picture over time it is the role; never both in one figure.

/// One of the two schemes.
pub(crate) struct Scheme {
    /// Behind everything.
    pub(crate) ground: &'static str,
    /// What is to be read.
    pub(crate) ink: &'static str,
    /// What is to be read second.
    pub(crate) muted: &'static str,
    /// Axes and rulers.
    pub(crate) line: &'static str,
    /// Lines that carry nothing: the grid behind a plot.
    pub(crate) faint: &'static str,
    /// Loss, error.
    pub(crate) bad: &'static str,
    /// Fill and stroke of each hue, in the order of [`Hue::ALL`].
    pub(crate) hues: [(&'static str, &'static str); 4],
}

/// A colour that stands for a layer, or for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hue {
    /// The link layer.
    Link,
    /// IP and ARP; in time: data.
    Net,
    /// Transport and ICMP; in time: sent again.
    Transport,
    /// The payload; in time: an answer.
    Payload,
}

impl Hue {
    pub(crate) const ALL: [Self; 4] = [Self::Link, Self::Net, Self::Transport, Self::Payload];

    /// As the stylesheet calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Net => "net",
            Self::Transport => "tra",
            Self::Payload => "app",
        }
    }
}

pub(crate) const LIGHT: Scheme = Scheme {
    ground: "#fff",
    ink: "#1b1f24",
    muted: "#4d5661",
    line: "#6b7580",
    faint: "#dde2e7",
    bad: "#9e1009",
    hues: [("#f4e4f6", "#7a2a7c"), ("#dde9fb", "#0d47a8"), ("#fdecc6", "#9c6408"), ("#d5f1e5", "#0e6a48")],
};

pub(crate) const DARK: Scheme = Scheme {
    ground: "#161923",
    ink: "#e8edf2",
    muted: "#b3bdc8",
    line: "#8b96a3",
    faint: "#333a46",
    bad: "#ff7a70",
    hues: [("#42224a", "#d983e6"), ("#14365a", "#9fd0fb"), ("#463406", "#f0b840"), ("#0a3f30", "#58dca4")],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The grounds of mdBook's themes: `--bg` of its `variables.css`, in the order light, rust and coal, navy, ayu.
    const LIGHT_GROUNDS: [&str; 2] = ["#ffffff", "#e1e1db"];
    const DARK_GROUNDS: [&str; 3] = ["#141617", "#161923", "#0f1419"];

    /// Text of the size of figures, WCAG 2.2 success criterion 1.4.3; and lines, 1.4.11.
    const TEXT: f64 = 4.5;
    const LINE: f64 = 3.0;

    fn channels(colour: &str) -> [f64; 3] {
        let digits = colour.strip_prefix('#').unwrap();
        let wide: String =
            if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.into() };
        [0, 2, 4].map(|at| {
            let share = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn luminance(colour: &str) -> f64 {
        let [red, green, blue] = channels(colour);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast("#000", "#fff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_colour_is_told_from_what_is_behind_it() {
        let mut compared = 0;
        for (scheme, grounds) in [(LIGHT, &LIGHT_GROUNDS[..]), (DARK, &DARK_GROUNDS)] {
            let mut hold = |front: &str, back: &str, least: f64| {
                let ratio = contrast(front, back);
                assert!(ratio >= least, "{front} on {back} is {ratio:.2}, and {least} is the least");
                compared += 1;
            };
            let fills = scheme.hues.map(|(fill, _)| fill);
            for ground in grounds.iter().copied().chain([scheme.ground]) {
                // Text beside everything, and within the cells and boxes.
                [scheme.ink, scheme.muted, scheme.bad].iter().for_each(|text| hold(text, ground, TEXT));
                hold(scheme.line, ground, LINE);
                scheme.hues.iter().for_each(|(_, stroke)| hold(stroke, ground, LINE));
            }
            for fill in fills {
                [scheme.ink, scheme.muted, scheme.bad].iter().for_each(|text| hold(text, fill, TEXT));
                // Any line may cross any area.
                scheme.hues.iter().for_each(|(_, stroke)| hold(stroke, fill, LINE));
                hold(scheme.line, fill, LINE);
            }
            // What lights up in a hexdump is drawn the other way round.
            hold(scheme.ground, scheme.ink, TEXT);
        }
        assert_eq!(compared, (3 + 4) * 8 + 2 * 4 * 8 + 2);
    }

    /// What a person sees who lacks a kind of cones: Machado and others 2009, severity 1, in linear RGB.
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    /// In CIELAB, white D65.
    fn seen(colour: &str, sight: [[f64; 3]; 3]) -> [f64; 3] {
        let linear = channels(colour);
        let weigh = |row: [f64; 3], of: [f64; 3]| row.iter().zip(of).map(|(weight, value)| weight * value).sum::<f64>();
        let rgb = sight.map(|row| weigh(row, linear).clamp(0.0, 1.0));
        let [x, y, z] = [
            weigh([0.4124, 0.3576, 0.1805], rgb) / 0.9505,
            weigh([0.2126, 0.7152, 0.0722], rgb),
            weigh([0.0193, 0.1192, 0.9505], rgb) / 1.089,
        ]
        .map(|share| if share > 0.008_856 { share.cbrt() } else { 7.787 * share + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn strokes_are_told_apart_by_people_who_lack_a_kind_of_cones() {
        for scheme in [LIGHT, DARK] {
            let mut strokes: Vec<&str> = scheme.hues.iter().map(|(_, stroke)| *stroke).collect();
            strokes.push(scheme.bad);
            for sight in SIGHTS {
                for (at, one) in strokes.iter().enumerate() {
                    for other in &strokes[at + 1..] {
                        let [a, b] = [seen(one, sight), seen(other, sight)];
                        let distance = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        assert!(distance > 12.5, "{one} and {other}: {distance:.1}");
                    }
                }
            }
        }
    }
}
