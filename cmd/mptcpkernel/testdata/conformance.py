"""jupyter_kernel_test against the installed kernel. Captures are found through the environment."""
import os
import unittest

import jupyter_kernel_test

PATIENCE = 120
jupyter_kernel_test.TIMEOUT = PATIENCE
captures = os.environ["CAPTURES"]
cut = os.environ["CUT_CAPTURE"]
load = f"load {captures}/fallback.client.pcapng\n"
with open(os.environ["EXPECTED_LC"], encoding="utf-8") as f:
    listing = f.read()
with open(os.environ["EXPECTED_LT"], encoding="utf-8") as f:
    streams = f.read()


def patient(get):
    return lambda timeout=None: get(timeout=PATIENCE)


class Conformance(jupyter_kernel_test.KernelTests):
    """The tests of jupyter_kernel_test, which would wait a tenth of a second for a message, on a busy machine too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for channel in (cls.kc.shell_channel, cls.kc.iopub_channel):
            channel.get_msg = patient(channel.get_msg)

    def flush_channels(self):
        """Takes all that is still to come of earlier requests: what comes before the end of a further one."""
        request = self.kc.kernel_info()
        replied = ended = False
        while not replied:
            message = self.kc.get_shell_msg(timeout=PATIENCE)
            jupyter_kernel_test.validate_message(message)
            replied = message["parent_header"].get("msg_id") == request
        while not ended:
            message = self.kc.get_iopub_msg(timeout=PATIENCE)
            jupyter_kernel_test.validate_message(message)
            ended = message["parent_header"].get("msg_id") == request and message["content"].get("execution_state") == "idle"

    kernel_name = "mptcpanalyzer"
    language_name = "mptcpanalyzer"
    file_extension = ".mptcp"
    code_hello_world = "echo hello, world"
    code_clear_output = "clear"
    code_stderr = f"load {cut}"
    completion_samples = [
        {"text": "summ", "matches": {"summary", "summary_extended"}},
        {"text": "𨭎 summ", "matches": set()},
        {"text": f"load {captures}/handover.c", "matches": {f"{captures}/handover.client.pcapng"}},
    ]
    complete_code_samples = ["lc", "ls 0\nlt", "", "# a comment"]
    incomplete_code_samples = ['load "a capture', "plot dsn \\"]
    invalid_code_samples = ["nosuch 0"]
    code_page_something = "help plot"
    code_generate_error = "nosuch"
    code_execute_result = [{"code": load + "lc", "result": listing}, {"code": load + "lt", "result": streams}]
    code_display_data = [
        {"code": load.strip(), "mime": "text/html"},
        {"code": f"load {captures}/handover.client.pcapng\nplot dsn 0", "mime": "text/plain"},
    ]
    code_history_pattern = "*\nlt"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "plot"


if __name__ == "__main__":
    unittest.main()
