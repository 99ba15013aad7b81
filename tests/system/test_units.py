# SPDX-License-Identifier: MIT
"""The unit tests in another Debian, which run beside the tests before this one."""
import os
import re
from pathlib import Path

import pytest

from harness import until

LIMIT_S = 600


@pytest.mark.timeout(LIMIT_S + 30)
def test_unit_tests_where_it_was_built() -> None:
    """For another Debian than this one, whose unit tests are of `make check`."""
    if "SYSTEM_UNITS" not in os.environ:
        pytest.skip("the package was built on this machine")
    log = Path(os.environ["SYSTEM_UNITS"])
    until(lambda: log.exists() or (log.parent / "ended").exists(), "their end", LIMIT_S)
    text = log.read_text()
    counts = {name: int(n) for name, n in re.findall(r"^# (\w+): +(\d+)$", text, re.M)}
    failed = [line for line in text.splitlines() if re.match("(FAIL|ERROR|XPASS): ", line)]
    assert counts.get("PASS", 0) > 100 and not failed, "\n".join(failed) or text[-2000:]
