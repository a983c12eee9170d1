//! The stylesheet that every figure brings along.
//!
//! Who decides between light and dark, the strongest last: the reader, by a theme of mdBook; paper, which is light. Where no theme was
//! chosen, the system decides: in a file that stands alone, and where no scripts run, as mdBook sets the class `js` only where they do.

use crate::palette::{DARK, Hue, LIGHT, Scheme};
use std::fmt::Write;

/// What a stylesheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    Svg,
    Hexdump,
}

/// The sheet in one line; of the hues, those that `body` uses.
///
/// Figures share pages, and the sheet of one is in force for all. So what only some of them say is more specific than what all
/// say: it holds in whatever order they stand.
pub(crate) fn sheet(what: For, body: &str) -> String {
    let hues: Vec<Hue> = Hue::ALL.into_iter().filter(|hue| uses(body, *hue)).collect();
    let (light, dark) = (variables(&LIGHT, &hues), variables(&DARK, &hues));
    let mut sheet = format!(
        ".fh{{{light}font-family:{WORDS}}}\
         @media (prefers-color-scheme:dark){{.fh:root,html:not(.js) .fh{{{dark}}}}}\
         html.js.coal .fh,html.js.navy .fh,html.js.ayu .fh{{{dark}}}\
         @media print{{html[class] .fh.fh.fh,.fh{{{light}}}}}\
         .fh .m,.fhx pre{{font-family:{MONO}}}"
    );
    sheet += match what {
        For::Svg => SVG,
        For::Hexdump => HEXDUMP,
    };
    for name in hues.into_iter().map(Hue::name) {
        let _ = match what {
            For::Svg => write!(
                sheet,
                "svg.fh .f-{name}{{fill:var(--fh-{name});stroke:var(--fh-{name}-s)}}svg.fh .s-{name}{{stroke:var(--fh-{name}-s)}}"
            ),
            For::Hexdump => {
                write!(
                    sheet,
                    ".fhx .{name}{{border-color:var(--fh-{name}-s)}}.fhx b.{name}{{background:var(--fh-{name})}}"
                )
            }
        };
    }
    sheet
}

const WORDS: &str = "\"Open Sans\",system-ui,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif";
const MONO: &str = "\"Source Code Pro\",ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace";

/// Whether a class of this hue is in `body`: `f-net`, `s-net`, or `net` in a hexdump.
fn uses(body: &str, hue: Hue) -> bool {
    body.split(['"', ' '])
        .any(|word| word.strip_prefix(['f', 's']).map_or(word, |word| word.trim_start_matches('-')) == hue.name())
}

fn variables(scheme: &Scheme, used: &[Hue]) -> String {
    let Scheme { ground, ink, muted, line, faint, bad, hues } = scheme;
    let mut text =
        format!("--fh-bg:{ground};--fh-ink:{ink};--fh-mute:{muted};--fh-line:{line};--fh-grid:{faint};--fh-bad:{bad};");
    for (hue, (fill, stroke)) in Hue::ALL.iter().zip(hues).filter(|(hue, _)| used.contains(hue)) {
        let name = hue.name();
        let _ = write!(text, "--fh-{name}:{fill};--fh-{name}-s:{stroke};");
    }
    text
}

/// Opened alone, a file has no page that would give it a ground: `color-scheme` does. In the book the halo of text is of the
/// theme's own ground, which is mdBook's `--bg`.
const SVG: &str = "svg.fh{display:block;width:100%;max-width:560px;height:auto;margin:1.2em auto}\
svg.fh:root{color-scheme:light dark}\
.fh text{fill:var(--fh-ink);font-size:11px}\
.fh .q{fill:var(--fh-mute)}.fh .b{font-weight:700}.fh .v{font-weight:700;font-size:12px}.fh .h{font-weight:700;font-size:13px}\
.fh .e{text-anchor:end}.fh .c{text-anchor:middle}\
.fh .halo{paint-order:stroke;stroke:var(--bg,var(--fh-bg));stroke-width:3px;stroke-linejoin:round}\
.fh .ax,.fh .gr,.fh .w{fill:none;stroke:var(--fh-line)}.fh .gr{stroke:var(--fh-grid)}\
.fh .w{stroke-width:2;stroke-linecap:round;stroke-linejoin:round}.fh .k{stroke-width:3.2}.fh .d{stroke-dasharray:5 4}.fh .p{stroke-dasharray:1 4}.fh .o{stroke-width:7}\
svg.fh .s-ink{stroke:var(--fh-ink)}svg.fh .s-bad{stroke:var(--fh-bad)}svg.fh path.bad{stroke:var(--fh-bad);stroke-width:3}\
.fh text.bad{fill:var(--fh-bad);stroke:none}.fh text.bad.halo{stroke:var(--bg,var(--fh-bg))}\
.fh g:hover>[class^=f-]{stroke-width:2.5}";

/// The class of a byte and of its field is `b` and a number. What is lit hands `--l`, its ground and its ink down to what it
/// contains: the meaning, which else only a screen reader finds, comes to stand at the top.
const HEXDUMP: &str = ".fhx{position:relative;display:flex;align-items:flex-start;flex-wrap:wrap;gap:8px 20px;\
padding-top:4.8em;font-size:14px;line-height:1.45;color:var(--fh-ink);margin:1.2em 0}\
.fhx pre{margin:0;padding:8px;background:none;font-size:clamp(12px,3.6vw,14px);line-height:1.75;overflow-x:auto;\
border:1px solid var(--fh-grid);border-radius:6px}\
.fhx i{font-style:normal;color:var(--o,var(--fh-mute))}.fhx strong{font-weight:700}\
.fhx b{font-weight:400;padding:2px 0;border-bottom:2px solid}\
.fhx ol{list-style:none;margin:0;padding:0;flex:1 1 260px;min-width:0}\
.fhx li{padding:1px 6px;border-inline-start:4px solid;margin:1px 0;cursor:default;overflow-wrap:anywhere}\
@media (min-width:40em){.fhx{padding-top:2.8em}}\
.fhx .p,.fhx .s{position:absolute;inset:0 0 auto;margin:0;color:var(--fh-mute)}\
.fhx .s{color:var(--fh-ink);clip-path:var(--l,inset(50%));overflow:hidden;max-height:4.4em;pointer-events:none}\
.fhx:has(li:hover,b:hover,:focus) .p{visibility:hidden}\
.fhx :focus-visible{outline:2px solid var(--fh-ink);outline-offset:1px}\
@media print{.fhx{padding-top:0}.fhx .p{display:none}.fhx .s{position:static;clip-path:none;max-height:none}.fhx .s::before{content:\"– \"}}";
