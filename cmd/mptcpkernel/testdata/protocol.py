"""What jupyter_kernel_test does not look at, with real clients over real sockets. protocol.py ACT"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from queue import Empty

import zmq
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.session import Session

PATIENCE = 120
captures = os.environ["CAPTURES"]
endless = os.environ["ENDLESS_CAPTURE"]


def expect(ok, *what):
    if not ok:
        sys.exit(" ".join(str(w) for w in what))


def until(what, ok):
    end = time.time() + PATIENCE
    while not ok():
        expect(time.time() < end, "never:", what)
        time.sleep(0.02)


class Kernel:
    """A kernel process with one client."""

    def __init__(self, **options):
        self.manager = KernelManager(kernel_name="mptcpanalyzer", **options)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def pid(self):
        return self.manager.provisioner.process.pid

    def send(self, kind, content=None, channel=None, subshell=None):
        message = self.client.session.msg(kind, content or {})
        if subshell:
            message["header"]["subshell_id"] = subshell
        (channel or self.client.shell_channel).send(message)
        return message["header"]["msg_id"]

    def reply(self, request, get=None):
        get = get or self.client.get_shell_msg
        while True:
            message = get(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request:
                return message

    def outputs(self, request, client=None):
        found = []
        while True:
            message = (client or self.client).get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                return found
            found.append(message)

    def run(self, code, subshell=None):
        request = self.execute(code, subshell)
        return self.reply(request)["content"], self.outputs(request)

    def execute(self, code, subshell=None):
        return self.send("execute_request", {"code": code}, subshell=subshell)

    def control(self, kind, content=None):
        request = self.send(kind, content, self.client.control_channel)
        return self.reply(request, self.client.get_control_msg)["content"]

    def alive(self):
        request = self.send("kernel_info_request", channel=self.client.control_channel)
        return self.reply(request, self.client.get_control_msg)["content"]["status"] == "ok" and self.manager.is_alive()

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def loading(kernel):
    """Starts a load that only an interrupt ends, and waits until it shows its progress."""
    request = kernel.client.execute(f"load {captures}/fallback.client.pcapng\nload {endless}")
    while True:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if (message["content"].get("transient") or {}).get("display_id"):
            return request


def control():
    """Requests on the control channel, and questions, are answered while a cell runs."""
    kernel = Kernel()
    request = loading(kernel)
    expect(kernel.alive(), "no answer on control while a cell runs")
    for kind, content in (
        ("complete_request", {"code": "summ", "cursor_pos": 4}),
        ("inspect_request", {"code": "plot", "cursor_pos": 4, "detail_level": 0}),
        ("is_complete_request", {"code": "lc"}),
        ("history_request", {"hist_access_type": "tail", "n": 1, "raw": True, "output": False}),
        ("comm_info_request", {}),
    ):
        expect(kernel.reply(kernel.send(kind, content))["content"]["status"], kind)
    kernel.send("interrupt_request", channel=kernel.client.control_channel)
    content = kernel.reply(request)["content"]
    expect(content["ename"] == "Interrupted", content)
    kernel.end()


def subshells():
    """While a load runs in the main shell, a subshell answers, loads and looks elsewhere; the main shell does not notice."""
    kernel = Kernel()
    request = kernel.send("kernel_info_request")
    expect("kernel subshells" in kernel.reply(request)["content"]["supported_features"], "not announced")
    kernel.run(f"load {captures}/handover.client.pcapng")
    first, second = (kernel.control("create_subshell_request")["subshell_id"] for _ in range(2))
    expect(kernel.control("list_subshell_request")["subshell_id"] == [first, second], "list")
    long = loading(kernel)
    plain = lambda outputs: outputs[-1]["content"]["data"]["text/plain"]
    content, outputs = kernel.run("lc", first)
    expect("fallback.client.pcapng" in plain(outputs) and content["execution_count"] == 1, content, outputs)
    expect(outputs[-1]["parent_header"]["subshell_id"] == first, outputs[-1]["parent_header"])
    content, outputs = kernel.run("use 1", first)
    content, outputs = kernel.run("plot dsn 0", first)
    expect("image/png" in outputs[-1]["content"]["data"] and content["execution_count"] == 3, content)
    content, outputs = kernel.run("lc", second)
    expect("fallback.client.pcapng" in plain(outputs) and content["execution_count"] == 1, "use in one shell moved another")
    content, outputs = kernel.run(f"load {captures}/fastclose.client.pcapng", second)
    expect(content["status"] == "ok", content)
    content, _ = kernel.run("nosuch", second)
    expect(content["status"] == "error" and content["execution_count"] == 3, content)
    code = {"code": "lc fas", "cursor_pos": 6}
    expect(kernel.reply(kernel.send("complete_request", code, subshell=second))["content"]["status"] == "ok", "complete")
    recent = {"hist_access_type": "range", "session": 0, "start": 1, "raw": True, "output": False}
    told = kernel.reply(kernel.send("history_request", recent, subshell=second))["content"]["history"]
    expect([row[1:] for row in told] == [[1, "lc"], [2, f"load {captures}/fastclose.client.pcapng"], [3, "nosuch"]], told)
    # Of two long cells in two shells a deleted subshell loses its own, an interrupt ends both.
    also = kernel.execute(f"load {endless}", first)
    until("the long cell of the first", lambda: kernel.client.get_iopub_msg(timeout=PATIENCE)["parent_header"].get("msg_id") == also)
    behind = kernel.execute("lc", first)
    kernel.reply(kernel.send("kernel_info_request", subshell=second))  # control may overtake shell: now it is queued
    expect(kernel.control("delete_subshell_request", {"subshell_id": first})["status"] == "ok", "delete")
    ended = {m["parent_header"]["msg_id"]: m["content"]["status"] for m in (kernel.client.get_shell_msg(timeout=PATIENCE) for _ in range(2))}
    expect(ended == {also: "error", behind: "aborted"}, ended)
    also = kernel.execute(f"load {endless}", second)
    until("progress of the second", lambda: kernel.client.get_iopub_msg(timeout=PATIENCE)["parent_header"].get("msg_id") == also)
    expect(kernel.control("interrupt_request")["status"] == "ok", "interrupt")
    ended = {m["parent_header"]["msg_id"]: m["content"]["ename"] for m in (kernel.client.get_shell_msg(timeout=PATIENCE) for _ in range(2))}
    expect(ended == {long: "Interrupted", also: "Interrupted"}, ended)
    content, _ = kernel.run("lc", first)
    expect(content["status"] == "error" and "no subshell" in content["evalue"], content)
    content, outputs = kernel.run("captures")
    expect("fastclose.client.pcapng" in plain(outputs), "what a subshell loads is there for all")
    content, outputs = kernel.run("lc")
    expect("fallback.client.pcapng" in plain(outputs), "a subshell moved the main shell")
    kernel.control("shutdown_request", {"restart": False})
    until("the kernel ends", lambda: not kernel.manager.is_alive())
    kernel.end()


def interrupts():
    """A message and a signal each end a cell; what was loaded before stays."""
    kernel = Kernel()
    for interrupt in (kernel.manager.interrupt_kernel, lambda: os.kill(kernel.pid(), signal.SIGINT)):
        request = loading(kernel)
        interrupt()
        content = kernel.reply(request)["content"]
        expect(content["status"] == "error" and content["ename"] == "Interrupted", content)
        last = [m for m in kernel.outputs(request) if m["msg_type"] == "update_display_data"][-1]
        expect("stopped" in last["content"]["data"]["text/plain"], last["content"]["data"])
        content, outputs = kernel.run("lc")
        expect(content["status"] == "ok" and "fallback" in outputs[-1]["content"]["data"]["text/plain"], outputs)
    os.kill(kernel.pid(), signal.SIGINT)
    content, _ = kernel.run("lc")
    expect(content["status"] == "ok", "an interrupt between cells harmed the next one")
    kernel.end()


def strangers():
    """Messages that are unsigned, wrongly signed, copied or broken, and connections that are no clients."""
    kernel = Kernel()
    shell = kernel.client.shell_channel.socket
    Session(key=b"wrong").send(shell, "kernel_info_request", {})
    Session(key=b"").send(shell, "shutdown_request", {})
    copied = kernel.client.session.serialize(kernel.client.session.msg("execute_request", dict(code="lt", silent=False)))
    for _ in range(3):
        shell.send_multipart(copied)
    shell.send_multipart([b"junk"])
    shell.send_multipart([b"<IDS|MSG>"])
    shell.send_multipart([b"<IDS|MSG>", b"", b"{", b"[]", b"x", b"\xff"])
    executed = 0
    until("one execution", lambda: kernel.client.get_shell_msg(timeout=PATIENCE)["msg_type"] == "execute_reply")
    try:
        while kernel.client.get_shell_msg(timeout=0.5):
            executed += 1
    except Empty:
        pass
    expect(executed == 0, "a copied message was executed again")
    import socket

    info = kernel.client.get_connection_info()
    for port in (info[f"{c}_port"] for c in ("shell", "control", "stdin", "iopub", "hb")):
        for talk in (b"", b"GET / HTTP/1.1\r\n\r\n" * 9, b"\xff" + bytes(8) + b"\x7f\x03" + b"\xff" * 60, os.urandom(4096)):
            s = socket.create_connection((info["ip"], port))
            s.sendall(talk)
            if talk:
                s.close()
    expect(kernel.alive(), "the kernel died of a stranger")
    kernel.end()


def clients():
    """Two clients see all publications; only the one that asked is answered."""
    kernel = Kernel()
    other = kernel.manager.client()
    other.start_channels()
    other.wait_for_ready(timeout=PATIENCE)
    request = kernel.client.execute("plots")
    kernel.reply(request)
    expect([m["msg_type"] for m in kernel.outputs(request, other)] == ["status", "execute_input", "execute_result"], "outputs")
    try:
        expect(other.get_shell_msg(timeout=0.5)["parent_header"]["msg_id"] != request, "the other was answered")
    except Empty:
        pass
    other.stop_channels()
    kernel.end()


def welcome():
    """Who subscribes is told so (JEP 65); a heartbeat comes back as it was."""
    kernel = Kernel()
    info = kernel.client.get_connection_info()
    sub = zmq.Context.instance().socket(zmq.SUB)
    sub.subscribe(b"")
    sub.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
    expect(sub.poll(PATIENCE * 1000), "no welcome")
    _, frames = kernel.client.session.feed_identities(sub.recv_multipart())
    message = kernel.client.session.deserialize(frames)
    expect(message["msg_type"] == "iopub_welcome" and message["content"] == {"subscription": ""}, message)
    expect(message["parent_header"] == {}, message["parent_header"])
    hb = zmq.Context.instance().socket(zmq.REQ)
    hb.connect(f"tcp://{info['ip']}:{info['hb_port']}")
    hb.send(b"\x00any bytes")
    expect(hb.poll(PATIENCE * 1000) and hb.recv() == b"\x00any bytes", "heartbeat")
    kernel.end()


def shutdown():
    """The one who asks is answered, all are told, nothing is lost, and the exit status is 0, while a cell runs too."""
    for busy in (False, True):
        kernel = Kernel()
        if busy:
            loading(kernel)
        request = kernel.send("shutdown_request", {"restart": True}, kernel.client.control_channel)
        content = kernel.reply(request, kernel.client.get_control_msg)["content"]
        expect(content == {"status": "ok", "restart": True}, content)
        told = [m["msg_type"] for m in kernel.outputs(request)]
        expect("shutdown_reply" in told, told)
        process = kernel.manager.provisioner.process
        expect(process.wait(PATIENCE) == 0, "exit status", process.returncode)
        kernel.end()


def ipc():
    """The other transport: sockets in files, which are gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(transport="ipc", ip=os.path.join(folder, "k"))
        content, _ = kernel.run("help")
        expect(content["status"] == "ok", content)
        expect(len(os.listdir(folder)) == 5, os.listdir(folder))
        kernel.send("shutdown_request", {"restart": False}, kernel.client.control_channel)
        until("sockets are removed", lambda: not os.listdir(folder))
        kernel.end()


def orphan():
    """A kernel whose manager was killed ends."""
    code = (
        "import sys,time\nfrom jupyter_client import KernelManager\nk=KernelManager(kernel_name='mptcpanalyzer')\n"
        "k.start_kernel()\nprint(k.provisioner.process.pid,flush=True)\ntime.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    expect(running(pid), "the kernel does not run")
    parent.kill()
    parent.wait()
    until("the orphan ends", lambda: not running(pid))


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def listening():
    """It listens where the connection file says and nowhere else."""
    kernel = Kernel()
    info = kernel.client.get_connection_info()
    own = {os.readlink(f"/proc/{kernel.pid()}/fd/{fd}") for fd in os.listdir(f"/proc/{kernel.pid()}/fd")}
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):
            continue
        with open(table) as f:
            for line in f.readlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in own:
                    address, port = fields[1].split(":")
                    found.add((address, int(port, 16)))
    ports = {info[f"{c}_port"] for c in ("shell", "control", "stdin", "iopub", "hb")}
    expect(found == {("0100007F", p) for p in ports}, found, ports)
    kernel.end()


def key():
    """The key is in no log."""
    with tempfile.TemporaryFile() as log:
        manager = KernelManager(kernel_name="mptcpanalyzer")
        manager.start_kernel(stderr=log, stdout=log)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        Session(key=b"wrong").send(client.shell_channel.socket, "kernel_info_request", {})
        client.execute("lc")
        client.get_shell_msg(timeout=PATIENCE)
        secret = client.session.key
        client.stop_channels()
        manager.shutdown_kernel()
        log.seek(0)
        text = log.read()
        expect(b"signature" in text, "nothing was logged:", text)
        expect(secret not in text, "the key was logged")


globals()[sys.argv[1]]()
