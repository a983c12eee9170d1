//! How far an answer came, by the time to live that it arrived with.

/// The values that hosts and routers usually give a packet to live.
const USUAL: [u8; 3] = [64, 128, 255];

/// More routers than this are between hardly any two hosts.
const MANY: u8 = 30;

/// With how much a packet that arrived with `ttl` left, if its sender does as most; and how many routers it then passed.
#[must_use]
pub fn way_back(ttl: u8) -> (u8, u8) {
    let left = USUAL.into_iter().find(|usual| *usual >= ttl).unwrap_or(u8::MAX);
    (left, left - ttl)
}

/// The same in a sentence, which says what it takes for granted.
#[must_use]
pub fn arrived(ttl: u8) -> String {
    let arrived = format!("time to live arrived as {ttl}");
    match way_back(ttl) {
        (left, 0) => format!("{arrived}: it crossed no router, if it set out at {left}"),
        (left, 1) => format!("{arrived}: it crossed 1 router, if it set out at {left}"),
        (left, routers) if routers > MANY => format!(
            "{arrived}: if it set out at {left}, it crossed {routers} routers, and so many are rare: it may have set out \
             at less"
        ),
        (left, routers) => format!("{arrived}: it crossed {routers} routers, if it set out at {left}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttl_tells_a_distance_only_with_what_it_set_out_at() {
        assert_eq!(arrived(57), "time to live arrived as 57: it crossed 7 routers, if it set out at 64");
        assert_eq!(arrived(254), "time to live arrived as 254: it crossed 1 router, if it set out at 255");
        assert_eq!(arrived(64), "time to live arrived as 64: it crossed no router, if it set out at 64");
        assert!(arrived(96).ends_with("it crossed 32 routers, and so many are rare: it may have set out at less"));
    }
}
