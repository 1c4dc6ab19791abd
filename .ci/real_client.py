"""Runs scim2-tester against a server and compares what fails with the list of known exceptions.

Usage: real_client.py URL EXCEPTIONS.toml, with the bearer token in SCIM_TOKEN.
"""

import collections
import os
import sys
import tomllib

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

FAILED = {Status.DEVIATION, Status.ERROR, Status.CRITICAL}


def main(url, exceptions_file):
    with open(exceptions_file, "rb") as file:
        exceptions = tomllib.load(file).get("exception", [])
    results = run_checks(url)
    failures = [result for result in results if result.status in FAILED]

    unused = [e for e in exceptions if not any(covers(e, f) for f in failures)]
    unexpected = [f for f in failures if not any(covers(e, f) for e in exceptions)]
    for result in unexpected:
        print(f"  FAILED {describe(result)}\n    {result.reason}\n    {result.data}")
    for exception in unused:
        print(f"  OBSOLETE exception, this no longer fails: {name(exception)}")

    for result in results:
        if result.status == Status.SKIPPED:
            print(f"  skipped {describe(result)}: {result.reason}")

    counts = collections.Counter(result.status.name for result in results)
    print("  " + ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
    print(f"  {len(failures) - len(unexpected)} failures are listed exceptions")
    if not any(result.resource_type for result in results):
        sys.exit("the tester got no further than discovery")
    if unexpected or unused:
        sys.exit(1)


def run_checks(url):
    headers = {"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"}
    with Client(base_url=url, headers=headers) as client:
        return check_server(SyncSCIMClient(client))


def covers(exception, result):
    return name(exception) == describe(result)


def name(exception):
    parts = (exception.get("resource_type"), exception["check"], exception.get("attribute"))
    return " ".join(part for part in parts if part)


def describe(result):
    """The name of a check: resource type, check and, where it concerns one, the attribute."""
    attribute = result.data.get("urn") if isinstance(result.data, dict) else None
    parts = (result.resource_type, result.title, attribute)
    return " ".join(part for part in parts if part)


if __name__ == "__main__":
    main(*sys.argv[1:])
