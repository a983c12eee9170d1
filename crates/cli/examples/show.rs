use cli::explain::*;
use host::Time;
use wire::dissect::Protocol;
use wire::icmp;
fn main() {
    let pen = Pen { ascii: std::env::args().nth(1).is_some(), colour: false };
    let data: Vec<u8> = b"first hop says !".to_vec();
    let src = "192.0.2.10".parse().unwrap(); let dst = "198.51.100.7".parse().unwrap();
    let ip = wire::ipv4::Ipv4 { ttl: 64, dont_fragment: true, ..wire::ipv4::Ipv4::new(src, dst, 1) };
    let req = ip.packet(&icmp::echo_request(8000, 1, &data));
    let p = Packet::new(Part::Packet, &req);
    let show = |x: Picture| for l in x.lines(pen) { println!("{l}") };
    show(Picture::leaving("echo request 1 to 198.51.100.7", Time(0), &p));
    let back = wire::ipv4::Ipv4 { ttl: 57, ..wire::ipv4::Ipv4::new(dst, src, 1) };
    let rep = back.packet(&icmp::echo_reply(icmp::Echo { identifier: 8000, sequence: 1 }, &data));
    let r = Packet::new(Part::Packet, &rep);
    show(Picture::arriving("echo reply 1 from 198.51.100.7", Time(31_250_000), &r).against([Against {
        basis: &p, layers: Layers::Only(&[Protocol::Icmp]), heading: "only what changed is marked".into(), same: "came back unchanged".into(), was: None }]));
    // time exceeded
    let mut quoted = req.clone();
    quoted[8] = 1; quoted[10..12].copy_from_slice(&[0,0]);
    let h = wire::ipv4::Ipv4 { ttl: 1, ..ip }.packet(&req[20..]);
    let te = wire::ipv4::Ipv4 { ttl: 255, dscp: 48, ..wire::ipv4::Ipv4::new("10.0.0.1".parse().unwrap(), src, 1) }.packet(&icmp::Icmp::sealed(11,0,[0;4],&h).bytes().iter().copied().chain([0;4]).chain(h.iter().copied()).collect::<Vec<u8>>());
    let t = Packet::new(Part::Packet, &te);
    show(Picture::arriving("time exceeded from 10.0.0.1", Time(1_250_000), &t).against([Against {
        basis: &p, layers: Layers::Quoted, heading: "as it arrived there: only what changed is marked".into(), same: "arrived there as sent".into(), was: Some("it left as") }]));
    let _ = quoted;
    let tcp = wire::tcp::Tcp { syn: true, sequence_number: 7, window: 64240, ..wire::tcp::Tcp::new(50000, 80) };
    let opts = wire::tcp::options::emit(&[wire::tcp::options::TcpOption::MaximumSegmentSize(1460), wire::tcp::options::TcpOption::SackPermitted, wire::tcp::options::TcpOption::Timestamps{value:1,echo_reply:0}, wire::tcp::options::TcpOption::NoOperation, wire::tcp::options::TcpOption::WindowScale(7)]);
    let syn = wire::ipv4::Ipv4::new(src, dst, 6).packet(&tcp.segment(src.into(), dst.into(), &opts, &[]));
    let s = Packet::new(Part::Packet, &syn);
    show(Picture::leaving("TCP SYN to 198.51.100.7 port 80", Time(0), &s));
    let arp = wire::arp::Arp::request(wire::Mac([2,0,0,0,0,1]), src, dst);
    let f = wire::ethernet::Ethernet { destination: wire::Mac::BROADCAST, source: wire::Mac([2,0,0,0,0,1]), ethertype: 0x0806 }.frame(&arp.bytes());
    let a = Packet::new(Part::Frame, &f);
    show(Picture::leaving("ARP request for 198.51.100.7", Time(0), &a));
    let reply = arp.reply_from(wire::Mac([2,0,0,0,0,9]));
    let g = wire::ethernet::Ethernet { destination: wire::Mac([2,0,0,0,0,1]), source: wire::Mac([2,0,0,0,0,9]), ethertype: 0x0806 }.frame(&reply.bytes());
    let b = Packet::new(Part::Frame, &g);
    show(Picture::arriving("ARP reply from 198.51.100.7", Time(400_000), &b).against([Against {
        basis: &a, layers: Layers::All, heading: "only what changed is marked".into(), same: "are as in the request".into(), was: None }]));
    let m = icmp::echo_request(8000, 1, &data);
    let p = Packet::new(Part::Icmp, &m);
    show(Picture::leaving("echo request 1 to 198.51.100.7", Time(0), &p).unseen("IPv4  20 bytes that this host puts in front: this program does not see them"));
}
