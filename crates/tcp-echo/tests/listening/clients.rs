//! Clients that nobody here wrote: programs of Python, whose sockets are the kernel's own.

/// So many connections, each from a port of its own, used once and closed. Closed with RST, none waits in TIME-WAIT.
pub(crate) const FLOWS: &str = "
import socket, struct, sys
for _ in range(int(sys.argv[1])):
    s = socket.create_connection(('127.0.0.1', 7))
    s.sendall(b'x')
    assert s.recv(9) == b'x'
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
";

/// Two hundred connections, from the ports 20000 to 20199.
pub(crate) const SAME_PORTS: &str = "
import socket, struct
for port in range(20000, 20200):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.bind(('127.0.0.1', port))
    s.connect(('127.0.0.1', 7))
    s.sendall(b'x')
    assert s.recv(9) == b'x'
    s.close()
";

/// Two connections of which the server accepts the first; says how each ends.
pub(crate) const TWO: &str = "
import socket
a = socket.create_connection(('127.0.0.1', 7))
a.sendall(b'x')
assert a.recv(9) == b'x'
b = socket.create_connection(('127.0.0.1', 7))
print('both connected', flush=True)
for s in a, b:
    try: print('FIN' if s.recv(9) == b'' else 'data')
    except ConnectionResetError: print('RST')
";

/// Three connections: says whether the third is echoed while the others are open, and when one is closed.
pub(crate) const THREE: &str = "
import socket
def echoed(s, wait=30):
    s.settimeout(wait)
    try: return s.recv(9) == b'x'
    except TimeoutError: return False
all = [socket.create_connection(('127.0.0.1', 7)) for _ in range(3)]
for s in all: s.sendall(b'x')
print([echoed(all[0]), echoed(all[1]), echoed(all[2], 0.3)])
all[0].close()
print(echoed(all[2]))
";

/// As many connections as are asked for, all open at once, each echoed a thousand bytes; then waits to be killed.
pub(crate) const MANY: &str = "
import resource, socket, sys, time
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held = [socket.create_connection(('127.0.0.1', 7)) for _ in range(min(int(sys.argv[1]), hard - 50))]
for s in held: s.sendall(b'x' * 1000)
for s in held: assert len(s.recv(1000, socket.MSG_WAITALL)) == 1000
print('open', len(held), flush=True)
time.sleep(60)
";

/// Sends until there is no room any more, and reads nothing; meanwhile another is echoed. Then waits to be broken off.
pub(crate) const NEVER_READS: &str = "
import select, socket
s = socket.create_connection(('127.0.0.1', 7))
s.setblocking(False)
sent = 0
while select.select([], [s], [], 0.6)[1]:
    sent += s.send(b'x' * 1000000)
other = socket.create_connection(('127.0.0.1', 7))
other.sendall(b'x')
assert other.recv(9) == b'x'
other.close()
print('sent', sent, flush=True)
# Without reading: what is asked for is nothing, and what comes without being asked for is that it is broken off.
end = select.poll()
end.register(s, 0)
end.poll(30000)
s.setblocking(True)
try:
    while s.recv(1000000): pass
    print('FIN')
except ConnectionResetError: print('RST')
";
