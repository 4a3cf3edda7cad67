"""Put this folder on PYTHONPATH to run tests with httpx2 wherever they import httpx."""

import httpx2

httpx2.alias_httpx()
