"""A bare aiohttp loop that posts signed bytes: what deliver is compared with.

`bare_webhooks.py URL FILE COUNT AT_ONCE` posts what stands in a file and prints how many it posted
in a second, and the CPU time of each in µs.
"""

import asyncio
import sys
import time
from pathlib import Path

import aiohttp

from newsman.deliver.signing import signed_headers

KEY = b"k" * 32


async def main(url: str, body: bytes, count: int, at_once: int) -> None:
    """Posts them all, so many at a time."""
    numbers = iter(range(count))
    began, cpu = time.monotonic(), time.process_time()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post() -> None:
            for number in numbers:
                headers = signed_headers([KEY], f"msg_{number}", int(time.time()), body)
                headers["Content-Type"] = "application/json"
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()

        await asyncio.gather(*(post() for _ in range(at_once)))
    print(count / (time.monotonic() - began), (time.process_time() - cpu) / count * 1e6)


if __name__ == "__main__":
    content = Path(sys.argv[2]).read_bytes()
    asyncio.run(main(sys.argv[1], content, *(int(word) for word in sys.argv[3:5])))
