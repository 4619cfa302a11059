"""Our server before all four providers, which a sandbox in a process of its own plays slowly."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager

import httpx2

from bench.serving import TOKEN, Serving, serving

# The sandbox keeps PostEverywhere's limits, which a minute of this would use up, and gives each key a purse.
GENEROUS = {
    slug: {"balance": 1_000_000} | ({"ai_requests_per_hour": 100_000} if slug == "posteverywhere" else {})
    for slug in ("heydecks", "theo", "posteverywhere", "depicta")
}
KEYS = {
    "heydecks": ("HEYDECKS_API_KEY", "hd_live_abc12345_secretsecret"),
    "theo": ("THEO_API_KEY", "theo_sk_secretsecret"),
    "posteverywhere": ("POSTEVERYWHERE_API_KEY", "pe_live_0123456789abcdef0123456789abcdef"),
    "depicta": ("DEPICTA_API_KEY", "dpct_secretsecretsecretsecretsecretsecretsecret"),
}


@contextmanager
def before_slow_sandbox(seconds: float) -> Generator[Serving]:
    """Run the server before a sandbox that takes so long for each picture."""
    with (
        tempfile.TemporaryDirectory() as home,
        serving(
            ["-m", "imagewright", "sandbox", "--port", "0"], r"(http://\S+)", {"IMAGEWRIGHT_HOME": f"{home}/sandbox"}
        ) as sandbox,
    ):
        slow = {"kind": "delay", "seconds": seconds, "times": None}
        httpx2.post(f"{sandbox.url}/_sandbox/faults", json=slow).raise_for_status()
        for slug, facts in GENEROUS.items():
            httpx2.put(f"{sandbox.url}/_sandbox/accounts/{slug}", json=facts).raise_for_status()
        told = {"IMAGEWRIGHT_HOME": f"{home}/home", "IMAGEWRIGHT_TOKEN": TOKEN}
        for slug, (name, key) in KEYS.items():
            told |= {name: key, f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": f"{sandbox.url}/{slug}"}
        command = ["-m", "imagewright", "serve", "--transport", "http", "--port", "0"]
        with serving(command, r"MCP is at (\S+)/mcp", told) as server:
            yield server
