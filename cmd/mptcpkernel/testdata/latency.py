"""Round trips of this kernel beside ipykernel's, in one run. latency.py CAPTURE [KERNEL…]

Prints, for each kernel, medians in milliseconds: process start to first reply, a small cell, the plot of a connection,
a completion; and the resident memory. Nothing is asserted: the figures depend on the machine.
"""
import statistics
import sys
import time

from jupyter_client import KernelManager

capture, names = sys.argv[1], sys.argv[2:] or ["mptcpanalyzer", "python3"]
CELLS = {"mptcpanalyzer": ("lc", "plot dsn 0", f"load {capture}"), "python3": ("1+1", None, "pass")}


def cell(client, code):
    begin = time.perf_counter()
    request = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=600)
        if message["parent_header"].get("msg_id") == request and message["content"].get("execution_state") == "idle":
            break
    status = client.get_shell_msg(timeout=600)["content"]["status"]
    if status != "ok":
        sys.exit(f"{code}: {status}")
    return 1000 * (time.perf_counter() - begin)


def complete(client, code):
    begin = time.perf_counter()
    client.complete(code)
    client.get_shell_msg(timeout=60)
    return 1000 * (time.perf_counter() - begin)


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) / 1024 for line in f if line.startswith("VmRSS"))


print(f"{'kernel':15}{'start ms':>10}{'cell ms':>10}{'plot ms':>10}{'complete ms':>13}{'MB':>8}")
for name in names:
    small, plot, first = CELLS.get(name, CELLS["python3"])
    starts = []
    for _ in range(5):
        begin = time.perf_counter()
        manager = KernelManager(kernel_name=name)
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        starts.append(1000 * (time.perf_counter() - begin))
        if len(starts) < 5:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    cell(client, first)
    median = lambda f, n: statistics.median(f() for _ in range(n))
    small_ms = median(lambda: cell(client, small), 101)
    plot_ms = median(lambda: cell(client, plot), 7) if plot else float("nan")
    complete_ms = median(lambda: complete(client, small[:1]), 101)
    memory = resident(manager.provisioner.process.pid)
    print(f"{name:15}{statistics.median(starts):10.0f}{small_ms:10.2f}{plot_ms:10.1f}{complete_ms:13.2f}{memory:8.0f}")
    client.stop_channels()
    manager.shutdown_kernel(now=True)
