import subprocess
import sys

SCRIPT = """
import resource, sys
from gateway.descriptors import DescriptorsError, make_sure_of
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 712))
try:
    make_sure_of(int(sys.argv[1]))
except DescriptorsError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


# In a process of its own, for a limit once lowered stays so.
def limited(connections: int) -> str:
    command = [sys.executable, "-c", SCRIPT, str(connections)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_soft_limit_is_raised_to_the_hard_one_where_all_fit_in() -> None:
    assert limited(100) == "712\n"


def test_one_connection_too_many_is_told_by_the_name_of_the_setting() -> None:
    told, soft_limit = limited(101).splitlines()

    assert told.startswith("MATTEBOX_GATEWAY_HTTP_MAX_CONNECTIONS is 101, for which 714 open files")
    assert "allows 712" in told
    assert soft_limit == "64"
