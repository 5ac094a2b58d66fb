"""Four clients work with one kernel for some time, others come and go: nothing may grow. soak.py MINUTES

The first tenth of the time warms up. Then memory, file descriptors and threads are noted sixty times, and at the end, from
the dump that Go writes on SIGQUIT, the goroutines. Fails when something has grown: Go's heap breathes, so that the medians of
the first and the last third are compared.
"""
import os
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
import traceback
from queue import Empty

from jupyter_client import BlockingKernelClient, KernelManager

PATIENCE = 300
minutes = float(sys.argv[1])
captures = os.environ["CAPTURES"]
CELLS = [
    f"load {captures}/two-path-upload.client.pcapng",
    "lc", "ls 0", "lt", "summary 0", "plot dsn 0", "plot rwnd 0 Server", "nosuch", "help plot", "ls 99", "lc --json",
    f"load {captures}/handover.client.pcapng", "plot dsn 0 --from 1 --to 2",
]
log = tempfile.TemporaryFile()
manager = KernelManager(kernel_name="mptcpanalyzer")
manager.start_kernel(stderr=log)
pid = manager.provisioner.process.pid
stop, failures, cells, visits = threading.Event(), [], 0, 0


def connect():
    client = BlockingKernelClient(connection_file=manager.connection_file)
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    return client


def drain(client):
    try:
        while True:
            client.get_iopub_msg(timeout=0.01)
    except Empty:
        pass


def work(number):
    """One front end: cells, completions, questions, in turn, until the end."""
    global cells
    try:
        client = connect()
        turn = number
        while not stop.is_set():
            code = CELLS[turn % len(CELLS)]
            request = client.execute(code, store_history=turn % 3 == 0, stop_on_error=False)
            while client.get_shell_msg(timeout=PATIENCE)["parent_header"]["msg_id"] != request:
                pass
            for question in (client.complete("plo"), client.inspect("plot"), client.history(hist_access_type="tail", n=3)):
                while client.get_shell_msg(timeout=PATIENCE)["parent_header"]["msg_id"] != question:
                    pass
            drain(client)
            cells += 1
            turn += 1
            stop.wait(0.05 * min(minutes, 10))  # over an hour, leave the machine to others
        client.stop_channels()
    except Exception:  # whatever it is, the soak has failed
        failures.append(f"client {number}: {traceback.format_exc()}")
        stop.set()


def beside(client):
    """A subshell that lives for one cell."""

    def ask(channel, get, kind, content, subshell=None):
        message = client.session.msg(kind, content)
        message["header"]["subshell_id"] = subshell
        channel.send(message)
        while True:
            reply = get(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                return reply["content"]

    control = lambda kind, content: ask(client.control_channel, client.get_control_msg, kind, content)
    subshell = control("create_subshell_request", {})["subshell_id"]
    count = ask(client.shell_channel, client.get_shell_msg, "execute_request", {"code": "lc"}, subshell)["execution_count"]
    gone = control("delete_subshell_request", {"subshell_id": subshell})["status"]
    if count != 1 or gone != "ok":
        raise RuntimeError(f"subshell: cell {count}, deleting it {gone}")


def visit():
    """Clients that come, listen, look from a subshell and go; connections that say nothing, or nonsense."""
    global visits
    ports = [manager.shell_port, manager.iopub_port, manager.stdin_port, manager.hb_port, manager.control_port]
    while not stop.is_set():
        client = connect()
        client.execute_interactive("lc", silent=True, timeout=PATIENCE)
        beside(client)
        client.stop_channels()
        with socket.create_connection(("127.0.0.1", ports[visits % len(ports)])) as s:
            s.sendall(b"GET / HTTP/1.1\r\n\r\n" if visits % 2 else b"\xff\x00")
        visits += 1
        stop.wait(0.5)


def state():
    with open(f"/proc/{pid}/status") as f:
        status = dict(line.split(":", 1) for line in f)
    return int(status["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"])


def goroutines(process):
    """Ends a kernel with SIGQUIT and counts the goroutines that it tells of."""
    os.kill(process, signal.SIGQUIT)
    time.sleep(2)
    log.seek(0)
    return len(re.findall(rb"^goroutine \d+ ", log.read(), re.M))


workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(4)]
workers.append(threading.Thread(target=visit, daemon=True))
for w in workers:
    w.start()
end = time.time() + 60 * minutes
stop.wait(6 * minutes)  # a tenth of it
states = []
# A busy machine is given more time to do anything at all.
while not stop.is_set() and time.time() < end + PATIENCE and (time.time() < end or cells < 4 or visits < 1):
    stop.wait(min(minutes, max(0.1, end - time.time())))
    states.append(state())
    if len(states) % 10 == 0:
        print("%.0f MB, %d descriptors, %d threads" % states[-1], f"after {cells} cells and {visits} visits", flush=True)
stop.set()
for w in workers:
    w.join(PATIENCE + 10)
time.sleep(7)  # half-open connections end after five seconds, on a busy machine later
rest = time.time() + PATIENCE
while (at_rest := state())[1] > 24 and time.time() < rest:
    time.sleep(1)
left = goroutines(pid)
manager.shutdown_kernel(now=True)
if failures:
    sys.exit("\n".join(failures))
third = len(states) // 3
grown = statistics.median(s[0] for s in states[-third:]) - statistics.median(s[0] for s in states[:third])
print(f"end: {grown:+.0f} MB, {at_rest[1]} descriptors, {left} goroutines, {cells} cells, {visits} visits")
# What Go's heap has grown to is known only after some minutes.
if grown > 16 + 24 / minutes or at_rest[1] > 24 or left > 40 or cells < 4 or visits < 1:
    sys.exit("something has grown, or nothing was done")
