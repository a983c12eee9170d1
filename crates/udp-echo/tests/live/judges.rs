//! What sockets do that nobody here wrote: programs of Python, whose sockets are the kernel's own.

/// Opens the three sockets that we open, and says of each datagram which of them has it.
pub(crate) const THREE_SOCKETS: &str = "
import select, socket
def opened(address, peer=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 53))
    if peer: s.connect(peer)
    return s
sockets = [opened('0.0.0.0'), opened('10.77.2.2'), opened('0.0.0.0', ('10.77.1.1', 5000))]
print('open', flush=True)
for _ in range(3):
    s = select.select(sockets, [], [])[0][0]
    data, peer = s.recvfrom(2000)
    print('socket', sockets.index(s) + 1, flush=True)
    s.sendto(data, peer)
";

/// Sends twice to an address, with a while between, and once more receives; says what each call does.
pub(crate) const TWO_SENDS: &str = "
import errno, socket, sys, time
def told(call):
    try: call(); return 'fine'
    except TimeoutError: return 'nothing'
    except OSError as error: return errno.errorcode[error.errno]
to = (sys.argv[1], int(sys.argv[2]))
connected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connected.connect(to)
unconnected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for s in connected, unconnected: s.settimeout(0.3)
send = lambda s: s.send(b'?') if s is connected else s.sendto(b'?', to)
for s in connected, unconnected:
    first = told(lambda: send(s)); time.sleep(float(sys.argv[3]))
    second = told(lambda: send(s)); time.sleep(float(sys.argv[3]))
    print(first, second, told(lambda: s.recv(9)))
";

/// Takes the first UDP packet on `net2` and prints its UDP header.
pub(crate) const SNIFF: &str = "
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
s.bind(('net2', 0))
print('listens', flush=True)
while True:
    frame = s.recv(2000)
    if frame[23] == 17: break
print(' '.join(f'{byte:02x}' for byte in frame[34:42]))
";

/// Takes four datagrams, and answers the second, the first twice, and the fourth.
pub(crate) const OUT_OF_ORDER: &str = "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('10.77.2.2', 53))
print('open', flush=True)
got = [s.recvfrom(2000) for _ in range(4)]
for n in 1, 0, 0, 3: s.sendto(*got[n])
";

/// Reads twenty bytes of each datagram, and sends them back.
pub(crate) const SMALL_BUFFER: &str = "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('10.77.2.2', 53))
print('open', flush=True)
for _ in range(2): s.sendto(*s.recvfrom(20))
";

/// Two thousand sockets, each with a port of its own, three datagrams from each in three rounds; all are echoed.
pub(crate) const FLOWS: &str = "
import resource, socket
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2000)]
for s in sockets: s.settimeout(5)
for _ in range(3):
    for s in sockets:
        s.sendto(b'x', ('127.0.0.1', 53))
        assert s.recv(9) == b'x'
";
