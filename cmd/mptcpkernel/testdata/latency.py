"""Round trips of this kernel beside ipykernel's, in one run. latency.py CAPTURE [KERNEL…]

Prints, for each kernel, medians in milliseconds: process start to first reply, a small cell (lc; 1+1), a completion, the
plot of a connection; and the resident memory with the capture loaded and after the plots. The kernels take turns, so that
a busy machine slows all of them. Nothing is asserted: the figures depend on the machine.
"""
import statistics
import sys
import time

from jupyter_client import KernelManager

ROUNDS = 101


class Kernel:
    def __init__(self, name, first, small, plot):
        self.name, self.first, self.small, self.plot = name, first, small, plot
        self.starts, self.cells, self.completions, self.plots, self.memory = [], [], [], [], []

    def start(self):
        begin = time.perf_counter()
        self.manager = KernelManager(kernel_name=self.name)
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        self.starts.append(1000 * (time.perf_counter() - begin))

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def cell(self, code):
        """From sending a cell until its reply and idle have come."""
        begin = time.perf_counter()
        request = self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=600)
            if message["parent_header"].get("msg_id") == request and message["content"].get("execution_state") == "idle":
                break
        status = self.client.get_shell_msg(timeout=600)["content"]["status"]
        if status != "ok":
            sys.exit(f"{code}: {status}")
        return 1000 * (time.perf_counter() - begin)

    def complete(self, code):
        begin = time.perf_counter()
        self.client.complete(code)
        self.client.get_shell_msg(timeout=60)
        return 1000 * (time.perf_counter() - begin)

    def note_memory(self):
        with open(f"/proc/{self.manager.provisioner.process.pid}/status") as f:
            self.memory.append(next(int(line.split()[1]) * 1024 / 1e6 for line in f if line.startswith("VmRSS")))


capture, names = sys.argv[1], sys.argv[2:] or ["mptcpanalyzer", "python3"]
kernels = [
    Kernel(n, f"load {capture}", "lc", "plot dsn 0") if n == "mptcpanalyzer" else Kernel(n, "pass", "1+1", None) for n in names
]
for turn in range(5):
    for k in kernels:
        k.start()
        if turn < 4:
            k.end()
for k in kernels:
    k.cell(k.first)
    k.note_memory()
for _ in range(ROUNDS):
    for k in kernels:
        k.cells.append(k.cell(k.small))
        k.completions.append(k.complete(k.small[:1]))
for _ in range(7):
    for k in kernels:
        if k.plot:
            k.plots.append(k.cell(k.plot))
print(f"{'kernel':15}{'start ms':>10}{'cell ms':>10}{'complete ms':>13}{'plot ms':>10}{'MB':>8}{'after':>8}")
for k in kernels:
    k.note_memory()
    plot = f"{statistics.median(k.plots):10.0f}" if k.plots else f"{'-':>10}"
    print(
        f"{k.name:15}{statistics.median(k.starts):10.0f}{statistics.median(k.cells):10.2f}"
        f"{statistics.median(k.completions):13.2f}{plot}{k.memory[0]:8.0f}{k.memory[1]:8.0f}"
    )
    k.end()
