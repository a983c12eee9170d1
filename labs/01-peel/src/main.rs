//! Handed out: nothing to write here. Your file is `peel.rs`.
//!
//! `cargo lab check 01` asks your functions, by `answer`. `cargo lab run 01` peels the frames in `frames.rs`, and
//! `cargo lab run 01 -- 02 00 00 00 00 bb …` a frame of yours.
#![forbid(unsafe_code)]

mod frames;
#[allow(unused, reason = "what is not written yet uses nothing")]
mod peel;

use host::lab::{Lab, LabError, Question, Value};
use host::{Host, Mac};
use peel::{Frame, Packet, Segment};
use std::process::ExitCode;

fn main() -> ExitCode {
    host::lab::main(answer, run)
}

/// What your function says to one question. A question of several words is about a part of what it says.
fn answer(ask: &Question) -> Lab<Value> {
    Ok(match ask.function.as_str() {
        "frame" => {
            let Frame { dst, src, vlan, ethertype, payload } = peel::frame(ask.bytes(0)?)?;
            let fields = [("dst", mac(dst)), ("src", mac(src)), ("vlan", vlan.into())];
            let [a, b, c] = fields;
            Value::record("frame", [a, b, c, ("ethertype", Value::Word(ethertype)), ("payload", payload.into())])
        }
        "packet fields" => {
            let Packet { src, dst, ttl, protocol, first, .. } = peel::packet(ask.bytes(0)?)?;
            Value::record(
                "packet",
                [
                    ("src", src.into()),
                    ("dst", dst.into()),
                    ("ttl", ttl.into()),
                    ("protocol", protocol.into()),
                    ("first", first.into()),
                ],
            )
        }
        "packet payload" => peel::packet(ask.bytes(0)?)?.payload.into(),
        "packet payload ends" => {
            let bytes = ask.bytes(0)?;
            let end = peel::packet(bytes)?.payload.as_ptr_range().end.addr();
            end.wrapping_sub(bytes.as_ptr().addr()).into()
        }
        "segment" => {
            let Segment { src_port, dst_port, payload } = peel::segment(ask.number(0)?, ask.bytes(1)?)?;
            let fields = [("src_port", src_port.into()), ("dst_port", dst_port.into()), ("payload", payload.into())];
            Value::record("segment", fields)
        }
        "application is some" => peel::application(ask.bytes(0)?)?.is_some().into(),
        "application" => peel::application(ask.bytes(0)?)?.into(),
        _ => return Err(LabError::NotYet),
    })
}

fn mac(mac: Mac) -> Value {
    mac.to_string().as_str().into()
}

/// Peels the frame of the command line, or all of `frames.rs`.
fn run(_: &mut dyn Host, words: &[String]) -> Lab<()> {
    if !words.is_empty() {
        return show(1, &bytes(&words.join(" "))?).map(drop);
    }
    let mut text = String::new();
    for (number, frame) in (1..).zip(frames::FRAMES) {
        text += &show(number, &bytes(frame)?)?;
    }
    println!("\nin all: {text}");
    Ok(())
}

/// Says what is in a frame, layer by layer, and returns what the application said.
fn show(number: usize, bytes: &[u8]) -> Lab<String> {
    let frame = peel::frame(bytes)?;
    let tag = frame.vlan.map(|vlan| format!(" in VLAN {vlan}")).unwrap_or_default();
    println!("{number}  {} bytes{tag}, {} to {}, type {:04x}", bytes.len(), frame.src, frame.dst, frame.ethertype);
    if frame.ethertype != 0x0800 {
        return Ok(String::new());
    }
    let packet = peel::packet(frame.payload)?;
    let later = if packet.first { "" } else { ", a later fragment" };
    let Packet { src, dst, ttl, protocol, .. } = packet;
    println!("   {src} to {dst}, ttl {ttl}, protocol {protocol}, {} bytes{later}", packet.payload.len());
    let Some(said) = peel::application(bytes)? else { return Ok(String::new()) };
    let segment = peel::segment(protocol, packet.payload)?;
    let said = String::from_utf8_lossy(said).into_owned();
    println!("   port {} to {}: {said:?}", segment.src_port, segment.dst_port);
    Ok(said)
}

fn bytes(text: &str) -> Lab<Vec<u8>> {
    text.split_whitespace().map(byte).collect()
}

fn byte(word: &str) -> Lab<u8> {
    u8::from_str_radix(word, 16).map_err(|_| host::Error::Other(format!("'{word}' is no byte in hexadecimal")).into())
}
