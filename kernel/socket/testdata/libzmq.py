"""A libzmq peer for the tests: libzmq.py ACT ADDRESS. Exits 0 when all went as it should, else says what did not."""
import os
import signal
import subprocess
import sys
import time

import zmq

ctx = zmq.Context()


def connect(kind, address, identity=None, **options):
    s = ctx.socket(kind)
    s.linger = 0
    s.rcvtimeo = 120000
    s.sndtimeo = 120000
    if identity:
        s.identity = identity
    for name, value in options.items():
        setattr(s, name, value)
    s.connect(address)
    return s


def ask(s, *frames):
    s.send_multipart(frames)
    return s.recv_multipart()


def expect(got, want, what):
    if got != want:
        sys.exit(f"{what}: {got!r}, want {want!r}")


def requests(address):
    """Ten thousand requests, one by one and pipelined, and some large ones."""
    s = connect(zmq.DEALER, address)
    for i in range(2000):
        expect(ask(s, b"%d" % i, b""), [b"re", b"%d" % i, b""], "answer")
    for i in range(8000):
        s.send_multipart([b"%d" % i])
    for i in range(8000):
        expect(s.recv_multipart(), [b"re", b"%d" % i], "pipelined answer")
    for size in (255, 256, 65536, 10 << 20, 50 << 20):
        expect(ask(s, b"x" * size) == [b"re", b"x" * size], True, f"{size} bytes")


def silent(address):
    """Row 1: TCP connections that say nothing, then a client."""
    import socket

    host, port = address[len("tcp://"):].rsplit(":", 1)
    quiet = [socket.create_connection((host, int(port))) for _ in range(50)]
    expect(ask(connect(zmq.DEALER, address), b"x"), [b"re", b"x"], "answer")
    for q in quiet:
        q.close()


def stopped(address):
    """Row 4: a client in a stopped process has asked for far more than it reads."""
    code = (
        "import zmq,sys,time\nc=zmq.Context();s=c.socket(zmq.DEALER);s.connect(sys.argv[1])\n"
        "for i in range(60): s.send(b'x'*(1<<20))\nprint('sent',flush=True);time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE)
    child.stdout.readline()
    os.kill(child.pid, signal.SIGSTOP)
    try:
        s = connect(zmq.DEALER, address)
        for i in range(100):
            expect(ask(s, b"%d" % i), [b"re", b"%d" % i], "answer beside a stopped client")
    finally:
        child.kill()


def subscriber(address):
    """Rows 5, 6 and 7: reads what is published, beside a stopped subscriber, up to the end of the socket."""
    code = (
        "import zmq,sys,time\nc=zmq.Context();s=c.socket(zmq.SUB);s.subscribe(b'');s.connect(sys.argv[1])\n"
        "s.recv();print('on',flush=True);time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE)
    child.stdout.readline()
    os.kill(child.pid, signal.SIGSTOP)
    try:
        s = connect(zmq.SUB, address, rcvhwm=0)
        s.subscribe(b"t")
        expect(s.recv_multipart(), [b"t", b"welcome"], "welcome")
        print("ready", flush=True)
        n = int(sys.stdin.readline())
        for i in range(n):
            expect(s.recv_multipart()[:2], [b"t", b"%d" % i], "publication")
        expect(s.recv_multipart(), [b"t", b"idle"], "the last publication")
    finally:
        child.kill()


def twins(address):
    """Row 9: two clients of one identity; a client that comes back under its identity."""
    a = connect(zmq.DEALER, address, b"twin")
    expect(ask(a, b"a"), [b"re", b"a"], "first")
    b = connect(zmq.DEALER, address, b"twin")
    for _ in range(100):
        expect(ask(b, b"b"), [b"re", b"b"], "second")
        expect(ask(a, b"a"), [b"re", b"a"], "first again")
    expect(a.poll(200) or b.poll(200), 0, "answers of the other")
    for i in range(50):
        c = connect(zmq.DEALER, address, b"back")
        expect(ask(c, b"%d" % i), [b"re", b"%d" % i], "come back")
        c.close()


def heartbeat(address):
    """Row 10: REQ clients, clients that vanish, and a message without delimiter."""
    d = connect(zmq.DEALER, address)
    expect(ask(d, b"bare"), [b"bare"], "echo without delimiter")
    for _ in range(20):
        s = connect(zmq.REQ, address)
        for k in range(20):
            expect(ask(s, b"ping%d" % k), [b"ping%d" % k], "echo")
        s.send(b"gone")
        s.close()
    expect(ask(d, b"still"), [b"still"], "echo")


def ping(address):
    """Row 11: a client that sends ZMTP heartbeats is answered, so it stays connected. A busy machine is given more time."""
    for timeout in (200, 800, 3200, 12800):
        s = connect(zmq.DEALER, address, heartbeat_ivl=50, heartbeat_timeout=timeout, heartbeat_ttl=timeout)
        watch = s.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        expect(ask(s, b"x"), [b"re", b"x"], "answer")
        if watch.poll(5 * timeout) == 0:
            expect(ask(s, b"y"), [b"re", b"y"], "answer")
            return
        s.disable_monitor()
        s.close()
    sys.exit("a client whose heartbeats are answered is disconnected")


def churn(address):
    """Connections that come and go, some of them before they have said anything."""
    for i in range(300):
        s = connect(zmq.DEALER, address)
        if i % 3:
            expect(ask(s, b"x"), [b"re", b"x"], "answer")
        s.close()


globals()[sys.argv[1]](sys.argv[2])
ctx.destroy(linger=0)
